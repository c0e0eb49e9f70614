"""Summaries of metrics, updated as points arrive."""

import math
import sqlite3
from dataclasses import astuple, dataclass, fields
from typing import Any

import numpy as np

from engine.store.chunks import Column


@dataclass(frozen=True)
class Summary:
    """Last, smallest and largest value with their steps; ``min`` and ``max`` are over finite values, if any.

    ``count`` is the number of all points, ``nonfinite`` that of NaNs and infinities; ``last`` may be NaN.
    """

    last: float
    last_step: int
    min: float | None
    min_step: int | None
    max: float | None
    max_step: int | None
    count: int
    nonfinite: int


_NAMES = ", ".join(field.name for field in fields(Summary))


def summary_of(column: Column) -> Summary:
    """Summarise a column with at least one point."""
    steps, values = column
    finite = np.isfinite(values)
    count, bad = len(values), int(len(values) - finite.sum())
    last, last_step = float(values[-1]), int(steps[-1])
    if bad == count:
        return Summary(last, last_step, None, None, None, None, count, bad)
    low = int(np.argmin(np.where(finite, values, np.inf)))
    high = int(np.argmax(np.where(finite, values, -np.inf)))
    return Summary(last, last_step, float(values[low]), int(steps[low]), float(values[high]), int(steps[high]),
                   count, bad)


def combine(old: Summary, new: Summary) -> Summary:
    """Combine the summaries of two columns; all steps of ``new`` are larger."""
    low = min((part for part in (old, new) if part.min is not None), key=lambda part: part.min or 0.0, default=new)
    high = max((part for part in (old, new) if part.max is not None), key=lambda part: part.max or 0.0, default=new)
    return Summary(new.last, new.last_step, low.min, low.min_step, high.max, high.max_step,
                   old.count + new.count, old.nonfinite + new.nonfinite)


def read(connection: sqlite3.Connection, run_id: int) -> dict[str, Summary]:
    rows = connection.execute(f"SELECT name, {_NAMES} FROM metric_summary WHERE run_id = ? ORDER BY name",
                              (run_id,)).fetchall()
    return {row[0]: _summary(row[1:]) for row in rows}


def write(connection: sqlite3.Connection, run_id: int, name: str, summary: Summary) -> None:
    values = [value if value is None or math.isfinite(value) else None for value in astuple(summary)]
    connection.execute(f"INSERT OR REPLACE INTO metric_summary (run_id, name, {_NAMES}) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (run_id, name, *values))


def remove(connection: sqlite3.Connection, run_id: int, name: str) -> None:
    connection.execute("DELETE FROM metric_summary WHERE run_id = ? AND name = ?", (run_id, name))


def _summary(values: Any) -> Summary:
    last, *rest = values
    return Summary(math.nan if last is None else last, *rest)
