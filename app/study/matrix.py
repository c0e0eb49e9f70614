"""A study's matrix for the browser: cells with their metric, and a mark for every run."""

import statistics
from collections.abc import Collection, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

from app.kit.framework import component
from app.kit.looks import label, share
from app.kit.navigation import go
from engine.catalog.metric import Metric
from engine.catalog.metrics import METRICS
from engine.store import Run
from engine.study.factors import CellKey
from engine.study.matrix import Entry, Matrix, State
from engine.study.outcomes import Outcome

_HERE = Path(__file__).parent
_BESIDE = 8


def grid(shown: Matrix, outcomes: Sequence[Outcome], metric: str, across: Sequence[str],
         kept_out: Collection[int]) -> None:
    """Draw the matrix, and open the runs that are clicked.

    Args:
        metric: name of the metric in the cells.
        across: the factors of the columns; the others are the rows.
        kept_out: runs excluded from verdicts: they are marked and not averaged.
    """
    mount = component("darkroom_matrix", html='<div class="matrix"></div>', css=(_HERE / "matrix.css").read_text(),
                      js=(_HERE / "matrix.js").read_text())
    result = mount(data=as_table(shown, outcomes, metric, across, kept_out), key="study_matrix",
                   on_open_change=lambda: None)
    if asked := result.get("open"):
        go(asked["page"], asked["runs"])


def as_table(shown: Matrix, outcomes: Sequence[Outcome], metric: str, across: Sequence[str],
             kept_out: Collection[int]) -> dict[str, Any]:
    """Return the table as data: headers, rows, and for each cell its text, shade and marks."""
    factors, figure = list(shown.study.factors), METRICS[metric]
    values = {outcome.run: outcome.metrics[metric] for outcome in outcomes if metric in outcome.metrics}
    means = {cell: statistics.fmean(found) for cell, entries in shown.by_cell.items()
             if (found := _figures(entries, values, kept_out))}
    down = [factor for factor in factors if factor not in across]
    lines, columns = keys(shown.study.cells, factors, down), keys(shown.study.cells, factors, across)
    boxes = {(part(cell, factors, down), part(cell, factors, across)):
             _box(entries, values, figure, _heat(means, cell, figure), kept_out)
             for cell, entries in shown.by_cell.items()}
    beside, above = spans(lines), spans(columns)
    return {
        "corner": [_title(factor) for factor in down] or [""], "across": [_title(factor) for factor in across],
        "head": [[heads[level] for heads in above if level in heads] for level in range(len(across))],
        "rows": [{"heads": list(beside[place].values()) if down else [{"label": "", "span": 1}],
                  "boxes": [boxes.get((line, column)) for column in columns]} for place, line in enumerate(lines)],
        "done": shown.counts[State.DONE],
    }


def across_by_default(factors: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the last factors that fit as columns; the first factor is always a row unless it is the only one."""
    names = list(factors)
    for start in range(min(1, len(names) - 1), len(names)):
        if prod(len(factors[name]) for name in names[start:]) <= _BESIDE:
            return names[start:]
    return names[-1:] if len(names) == 1 or len(factors[names[-1]]) <= len(factors[names[0]]) else names[:1]


def _box(entries: Sequence[Entry], values: Mapping[int, float], metric: Metric, heat: float | None,
         kept_out: Collection[int]) -> dict[str, Any]:
    found = _figures(entries, values, kept_out)
    excluded = not found and bool(found := _figures(entries, values, ()))
    runs = [entry.run for entry in entries if entry.run is not None]
    spread = f"± {metric.text(statistics.stdev(found), unit=False)}" if len(found) > 1 else ""
    opened = _click_target(runs)
    return {"text": metric.text(statistics.fmean(found)) if found else "",
            "note": f"{spread} ({len(found)})" if spread else "", "heat": heat, "open": opened,
            "out": excluded,
            "title": f"Open {len(runs)} runs" if len(runs) > 1 else "Open the run",
            "marks": [_mark(entry, values, metric, kept_out) for entry in entries]}


def _mark(entry: Entry, values: Mapping[int, float], metric: Metric, kept_out: Collection[int]) -> dict[str, Any]:
    run = entry.run
    seed = "seed unknown" if entry.seed is None else f"seed {entry.seed}"
    if run is None:
        return {"state": "missing", "title": f"{seed}: not launched", "share": 0, "open": None}
    excluded = run.id in kept_out
    value = metric.text(values[run.id]) if run.id in values else ""
    parts = [seed, "excluded from verdicts" if excluded else run.status.value, value, label(run), run.error]
    return {"state": "out" if excluded else entry.state.value, "title": " · ".join(filter(None, parts)),
            "share": round(share(run), 3), "open": _click_target([run])}


def _click_target(runs: Sequence[Run]) -> dict[str, Any] | None:
    """Return the page that a click opens: Results for a tested run, Live for several or unfinished runs."""
    if not runs:
        return None
    if len(runs) == 1 and runs[0].test_score is not None and not runs[0].is_imported:
        return {"page": "results", "runs": [runs[0].id]}
    return {"page": "live", "runs": [run.id for run in runs]}


def _figures(entries: Sequence[Entry], values: Mapping[int, float], kept_out: Collection[int]) -> list[float]:
    return [values[entry.run.id] for entry in entries
            if entry.run and entry.run.id in values and entry.run.id not in kept_out]


def _heat(means: Mapping[CellKey, float], cell: CellKey, metric: Metric) -> float | None:
    """Return where a cell's mean lies between the worst and the best, 0–1."""
    if cell not in means:
        return None
    low, high = min(means.values()), max(means.values())
    place = (means[cell] - low) / (high - low) if high > low else 0.5
    return place if metric.higher_is_better else 1 - place


def _title(factor: str) -> str:
    return factor.replace("_", " ")


def part(cell: CellKey, factors: Sequence[str], some: Sequence[str]) -> CellKey:
    """Return the cell's labels of some factors, in the order of ``factors``."""
    return tuple(label for factor, label in zip(factors, cell, strict=True) if factor in some)


def keys(cells: Sequence[CellKey], factors: Sequence[str], some: Sequence[str]) -> list[CellKey]:
    """Return the distinct labels of some factors among the cells, in order."""
    return list(dict.fromkeys(part(cell, factors, some) for cell in cells))


def spans(lines: Sequence[CellKey]) -> list[dict[int, dict[str, Any]]]:
    """Return the headings that start at each line, by depth: a label, and the number of lines it spans."""
    headings: list[dict[int, dict[str, Any]]] = []
    for place, line in enumerate(lines):
        before = lines[place - 1] if place else ()
        headings.append({depth: {"label": line[depth], "span": _reach(lines[place:], line[:depth + 1])}
                      for depth in range(len(line)) if before[:depth + 1] != line[:depth + 1]})
    return headings


def _reach(lines: Sequence[CellKey], beginning: CellKey) -> int:
    """Count the first lines that start with ``beginning``."""
    return next((place for place, line in enumerate(lines) if line[:len(beginning)] != beginning), len(lines))
