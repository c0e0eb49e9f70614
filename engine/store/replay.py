"""Bringing what only a journal holds into the database: exactly once, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from engine.home import run_dir
from engine.store import points
from engine.store.chunks import Column
from engine.store.connect import Connections
from engine.store.journal import Logged, Superseded, journals, read_journal

_BATCH = 50_000


class Columns:
    """Log calls gathered into one column for each metric."""

    def __init__(self) -> None:
        self._steps: dict[str, list[int]] = {}
        self._values: dict[str, list[float]] = {}
        self.calls = 0

    def add(self, step: int, values: Iterable[tuple[str, float]]) -> None:
        self.calls += 1
        for name, value in values:
            self._steps.setdefault(name, []).append(step)
            self._values.setdefault(name, []).append(value)

    def taken(self) -> dict[str, Column]:
        """The columns by ascending step, the later of two values for one step kept; and begin anew."""
        columns = {name: _ascending(steps, self._values[name]) for name, steps in self._steps.items()}
        self.__init__()  # type: ignore[misc]
        return columns


def unread(run_id: int, attempt: int, offset: int) -> list[tuple[int, Path, int]]:
    """The journals with bytes the database has not seen, as (attempt, file, first unseen byte)."""
    starts = [(number, path, offset if number == attempt else 0)
              for number, path in journals(run_dir(run_id)) if number >= attempt]
    return [(number, path, start) for number, path, start in starts if path.stat().st_size > start]


def replay(connections: Connections, run_id: int) -> None:
    """Apply the unread journals of a run. Safe to repeat, and beside a recorder that still writes."""
    with connections.writing() as connection:
        rows = connection.execute("SELECT journal_attempt, journal_offset FROM runs WHERE id = ?",
                                  (run_id,)).fetchall()
        for attempt, path, start in unread(run_id, *rows[0]) if rows else ():
            _apply(connection, run_id, attempt, path, start)


def _apply(connection: sqlite3.Connection, run_id: int, attempt: int, path: Path, start: int) -> None:
    columns, end = Columns(), start
    progress: dict[str, Any] = {}
    for entry in read_journal(path, start):
        end = entry.end
        if isinstance(entry, Superseded):
            points.add(connection, run_id, columns.taken())
            points.drop_after(connection, run_id, entry.step)
            continue
        columns.add(entry.step, entry.values.items())
        progress = {"step": entry.step, "epoch": entry.epoch}
        if columns.calls >= _BATCH:
            points.add(connection, run_id, columns.taken())
    points.add(connection, run_id, columns.taken())
    set_progress(connection, run_id, {**progress, "journal_attempt": attempt, "journal_offset": end})


def set_progress(connection: sqlite3.Connection, run_id: int, columns: dict[str, Any]) -> None:
    assignments = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(f"UPDATE runs SET revision = revision + 1, {assignments} WHERE id = ?",
                       (*columns.values(), run_id))


def _ascending(steps: list[int], values: list[float]) -> Column:
    column = np.array(steps, np.int64), np.array(values, np.float64)
    if np.all(np.diff(column[0]) > 0):
        return column
    order = np.argsort(column[0], kind="stable")
    keep = order[np.append(np.diff(column[0][order]) > 0, True)]
    return column[0][keep], column[1][keep]
