"""A study's matrix as the browser draws it: cells with their figures, a mark for every run."""

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
    """Draw the matrix, and leave for the runs that are clicked.

    Args:
        metric: name of the figure in the cells.
        across: the factors whose levels stand beside each other; the others stand under each other.
        kept_out: runs that no conclusion is drawn from, which are marked and not averaged.
    """
    mount = component("darkroom_matrix", html='<div class="matrix"></div>', css=(_HERE / "matrix.css").read_text(),
                      js=(_HERE / "matrix.js").read_text())
    result = mount(data=as_table(shown, outcomes, metric, across, kept_out), key="study_matrix",
                   on_open_change=lambda: None)
    if asked := result.get("open"):
        go(asked["page"], asked["runs"])


def as_table(shown: Matrix, outcomes: Sequence[Outcome], metric: str, across: Sequence[str],
             kept_out: Collection[int]) -> dict[str, Any]:
    """The table as data: header lines, rows, and for each cell its text, its shade and its marks."""
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
    """As many of the last factors as have room beside each other; the first always stands down, if it is not alone."""
    names = list(factors)
    for start in range(min(1, len(names) - 1), len(names)):
        if prod(len(factors[name]) for name in names[start:]) <= _BESIDE:
            return names[start:]
    return names[-1:] if len(names) == 1 or len(factors[names[-1]]) <= len(factors[names[0]]) else names[:1]


def _box(entries: Sequence[Entry], values: Mapping[int, float], metric: Metric, heat: float | None,
         kept_out: Collection[int]) -> dict[str, Any]:
    found = _figures(entries, values, kept_out)
    out = not found and bool(found := _figures(entries, values, ()))
    runs = [entry.run for entry in entries if entry.run is not None]
    spread = f"± {metric.text(statistics.stdev(found), unit=False)}" if len(found) > 1 else ""
    opened = _opened(runs)
    return {"text": metric.text(statistics.fmean(found)) if found else "",
            "note": f"{spread} ({len(found)})" if spread else "", "heat": heat, "open": opened,
            "out": out,
            "title": f"Open {len(runs)} runs" if len(runs) > 1 else "Open the run",
            "marks": [_mark(entry, values, metric, kept_out) for entry in entries]}


def _mark(entry: Entry, values: Mapping[int, float], metric: Metric, kept_out: Collection[int]) -> dict[str, Any]:
    run = entry.run
    seed = "seed unknown" if entry.seed is None else f"seed {entry.seed}"
    if run is None:
        return {"state": "missing", "title": f"{seed}: not launched", "share": 0, "open": None}
    out = run.id in kept_out
    value = metric.text(values[run.id]) if run.id in values else ""
    parts = [seed, "kept out of conclusions" if out else run.status.value, value, label(run), run.error]
    return {"state": "out" if out else entry.state.value, "title": " · ".join(filter(None, parts)),
            "share": round(share(run), 3), "open": _opened([run])}


def _opened(runs: Sequence[Run]) -> dict[str, Any] | None:
    """Where a click leads: a tested run to its results, several and unfinished ones to their curves."""
    if not runs:
        return None
    if len(runs) == 1 and runs[0].test_score is not None and not runs[0].is_imported:
        return {"page": "results", "runs": [runs[0].id]}
    return {"page": "live", "runs": [run.id for run in runs]}


def _figures(entries: Sequence[Entry], values: Mapping[int, float], kept_out: Collection[int]) -> list[float]:
    return [values[entry.run.id] for entry in entries
            if entry.run and entry.run.id in values and entry.run.id not in kept_out]


def _heat(means: Mapping[CellKey, float], cell: CellKey, metric: Metric) -> float | None:
    """Where a cell's mean lies between the worst and the best, 0–1."""
    if cell not in means:
        return None
    low, high = min(means.values()), max(means.values())
    place = (means[cell] - low) / (high - low) if high > low else 0.5
    return place if metric.higher_is_better else 1 - place


def _title(factor: str) -> str:
    return factor.replace("_", " ")


def part(cell: CellKey, factors: Sequence[str], some: Sequence[str]) -> CellKey:
    """The cell's labels in some of the factors, in the order of ``factors``."""
    return tuple(label for factor, label in zip(factors, cell, strict=True) if factor in some)


def keys(cells: Sequence[CellKey], factors: Sequence[str], some: Sequence[str]) -> list[CellKey]:
    """The different parts that the cells have in some of the factors, in order."""
    return list(dict.fromkeys(part(cell, factors, some) for cell in cells))


def spans(lines: Sequence[CellKey]) -> list[dict[int, dict[str, Any]]]:
    """For each line the headings that begin at it, by their depth: a label, and the number of lines it stands for."""
    begun: list[dict[int, dict[str, Any]]] = []
    for place, line in enumerate(lines):
        before = lines[place - 1] if place else ()
        begun.append({depth: {"label": line[depth], "span": _reach(lines[place:], line[:depth + 1])}
                      for depth in range(len(line)) if before[:depth + 1] != line[:depth + 1]})
    return begun


def _reach(lines: Sequence[CellKey], beginning: CellKey) -> int:
    """How many lines at the start begin alike."""
    return next((place for place, line in enumerate(lines) if line[:len(beginning)] != beginning), len(lines))
