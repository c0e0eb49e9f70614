"""Curves in CSV files: W&B charts (one column per run), and histories such as MLflow's (one row per point)."""

import re
from collections.abc import Iterable, Mapping

import numpy as np

from engine.catalog.metrics import CURVES, METRICS
from engine.errors import UserError
from engine.imports.columns import curve_of, figure_of, key_of
from engine.imports.result import Found, Reading
from engine.imports.sheet import Sheet
from engine.store.chunks import Column

_CHART = re.compile(r"(?P<run>.+) - (?P<metric>.+?)(?P<bound>__MIN|__MAX)?")
_STEPS = ("step", "epoch", "global_step", "_step", "trainer_global_step")
_RUN = ("run", "run_name", "name", "run_id", "run_uuid")
_METRIC, _VALUE = ("metric", "key", "metric_name"), ("value", "metric_value")
_WORST_SHARE, _BEST_PERCENT = 1.0, 100.0


def is_chart(sheet: Sheet) -> bool:
    """Return whether it is a W&B chart: ``Step``, then ``run - metric`` with ``__MIN`` and ``__MAX``."""
    return sheet.keys[0] in _AXES and any(_CHART.fullmatch(title) for title in sheet.header[1:])


def is_history(sheet: Sheet) -> bool:
    """Return whether each row is a point: a run, a metric, a step, a value."""
    return all(any(key in sheet.keys for key in keys) for keys in (_RUN, _METRIC, _VALUE, _STEPS))


_AXES = (*_STEPS, "relative_time_process", "relative_time_wall", "wall_time")


def read_chart(sheet: Sheet) -> Reading:
    """Read one result per run.

    Raises:
        UserError: the horizontal axis is time, or a cell is not a number.
    """
    if sheet.keys[0] not in _STEPS:
        raise UserError(f"import: {sheet.path.name}: the horizontal axis is {sheet.header[0]!r}; export the chart "
                        "with Step")
    points: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for place, title in enumerate(sheet.header[1:], 1):
        named = _CHART.fullmatch(title)
        if named is None or named["bound"] or named["metric"] in ("_step", "_timestamp", "_runtime"):
            continue
        column = points.setdefault(named["run"], {}).setdefault(named["metric"], [])
        column += [(_number(sheet, row, 0), _number(sheet, row, place))
                   for row in range(len(sheet.rows)) if sheet.rows[row][place]]
    return make_results(points)


def read_history(sheet: Sheet) -> Reading:
    """Read one result per run, by its name, else by its id.

    Raises:
        UserError: a cell is not a number.
    """
    run, metric, step, value = (next(sheet.keys.index(key) for key in keys if key in sheet.keys)
                                for keys in (_RUN, _METRIC, _STEPS, _VALUE))
    points: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for row, cells in enumerate(sheet.rows):
        points.setdefault(cells[run], {}).setdefault(cells[metric], []).append(
            (_number(sheet, row, step), _number(sheet, row, value)))
    return make_results(points)


def make_results(points: Mapping[str, Mapping[str, Iterable[tuple[float, float]]]]) -> Reading:
    """Make results from (step, value) points by run and metric, with the file's names.

    A test metric that was logged as a curve has the value of its last point.
    """
    found, percent = [], set[str]()
    for run, metrics in points.items():
        curves: dict[str, Column] = {}
        figures: dict[str, float] = {}
        for metric, pairs in metrics.items():
            key = key_of(metric)
            steps, values = column(pairs)
            if not len(steps):
                continue
            name = curve_of(key)
            if is_percent(name, values):
                percent.add(metric)
                values = values / 100
            curves[name] = steps, values
            figure = figure_of(key)
            if figure in METRICS and figure != "val_accuracy" and np.isfinite(values[-1]):
                figures[figure] = float(values[-1])
        if curves:
            found.append(Found(run, run, {}, figures, {}, curves))
    return Reading(tuple(found), (f"Read as %: {', '.join(sorted(percent))}.",) if percent else ())


def column(pairs: Iterable[tuple[float, float]]) -> Column:
    """Sort points by step; the last of several at one step counts."""
    by_step = {int(step): value for step, value in pairs if np.isfinite(step)}
    steps = sorted(by_step)
    return np.array(steps, np.int64), np.array([by_step[step] for step in steps], np.float64)


def is_percent(name: str, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bool:
    """Return whether a curve of shares was logged as 0 to 100."""
    finite = values[np.isfinite(values)]
    row = CURVES.get(name) or METRICS.get(figure_of(name) or "")
    share = "accuracy" in name or (row is not None and row.unit == "share")
    return bool(share and len(finite) and _WORST_SHARE < finite.max() <= _BEST_PERCENT)


def _number(sheet: Sheet, row: int, place: int) -> float:
    text = sheet.rows[row][place]
    try:
        return float(text)
    except ValueError:
        raise UserError(f"import: {sheet.path.name}: line {sheet.lines[row]}: {sheet.header[place]}: {text!r} is not a "
                        "number") from None
