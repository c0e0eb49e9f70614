"""The metrics as Markdown, from their rows alone."""

from collections.abc import Mapping

from engine.catalog.metric import Metric, Shown
from engine.catalog.metrics import CLASS_METRICS, CURVES, METRICS, shown

_HEAD = """# Metrics

Every figure of a run, of a class and of a curve, by its name in YAML files, in JSON and in the store. A study is judged
by those of a run. The last column has other names under which imported tables and curves may hold it. Made by
`python -m engine.catalog.metrics_page > docs/metrics.md`.
"""
_COLUMNS = """
| name | title | says | better | in | source | also called |
|---|---|---|---|---|---|---|
"""
_TASKS = {"classification": "Of a classifier", "detection": "Of a detector", "": "Of any run"}
_BETTER = {True: "higher", False: "lower", None: ""}
_IN = {"share": "%", "plain": "", "count": ""}


def metrics_page() -> str:
    """The page ``docs/metrics.md``."""
    studied = shown(Shown.STUDIES)
    parts = [_HEAD]
    for task, title in _TASKS.items():
        parts += _section(title, {key: row for key, row in studied.items() if row.task == task})
    parts += _section("Of a class", CLASS_METRICS)
    parts += _section("In tables of runs only", {key: row for key, row in METRICS.items() if key not in studied})
    parts += _section("Curves", CURVES)
    return "".join(parts)


def _section(title: str, rows: Mapping[str, Metric]) -> list[str]:
    return [f"\n## {title}\n", _COLUMNS, *(_entry(key, row) for key, row in rows.items())]


def _entry(key: str, row: Metric) -> str:
    others = ", ".join(f"`{name}`" for name in row.imported)
    return (f"| `{key}` | {row.title} | {row.help} | {_BETTER[row.higher_is_better]} "
            f"| {_IN.get(row.unit, row.unit)} | {row.source} | {others} |\n")


if __name__ == "__main__":
    print(metrics_page(), end="")
