"""Replaying journal lines into the database, in order and exactly once."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engine.home import run_dir
from engine.store import points
from engine.store.chunks import Column
from engine.store.connect import Connections
from engine.store.faults import RunGoneError, StoreError
from engine.store.journal import Entry, has_unread, journals, read_journal

_BATCH = 50_000


class Columns:
    """Collects log calls into one column per metric."""

    def __init__(self) -> None:
        self._columns: dict[str, tuple[list[int], list[float]]] = {}
        self.calls = 0

    def add(self, step: int, values: Iterable[tuple[str, float]]) -> None:
        self.calls += 1
        for name, value in values:
            steps, numbers = self._columns.setdefault(name, ([], []))
            steps.append(step)
            numbers.append(value)

    def arrays(self) -> dict[str, Column]:
        """Return the columns by ascending step; the later of two values for a step counts."""
        return {name: _ascending(*column) for name, column in self._columns.items()}


def unread(run_id: int, attempt: int, offset: int) -> list[tuple[int, Path, int]]:
    """Return the journals with lines not yet in the database, as (attempt, file, offset of the first)."""
    found = []
    for number, path in journals(run_dir(run_id)):
        # A concurrent seal removes the journal once all of it is in the database.
        with contextlib.suppress(FileNotFoundError):
            start = offset if number == attempt and offset <= path.stat().st_size else 0
            if number >= attempt and has_unread(path, start):
                found.append((number, path, start))
    return found


def replay(connections: Connections, run_id: int) -> None:
    """Apply the unread journals of a run in one transaction. Safe to repeat, and concurrently with a recorder.

    Raises:
        StoreError: the database cannot be written, or the run was deleted.
    """
    with connections.writing() as connection:
        rows = connection.execute("SELECT journal_attempt, journal_offset FROM runs WHERE id = ?",
                                  (run_id,)).fetchall()
        if not rows:
            raise RunGoneError(f"run {run_id} is no longer in {connections.path}")
        for attempt, path, start in unread(run_id, *rows[0]):
            entries = _Tracked(read_journal(path, start), start)
            apply(connection, run_id, entries)
            set_progress(connection, run_id, {"journal_attempt": attempt, "journal_offset": entries.end})


def apply(connection: sqlite3.Connection, run_id: int, entries: Iterable[Entry]) -> None:
    """Add logged values and drop discarded ones, in the order of the journal."""
    columns = Columns()
    last: Entry | None = None
    for entry in entries:
        if entry.values is not None:
            columns.add(entry.step, entry.values)
            last = entry
        if entry.values is None or columns.calls >= _BATCH:
            points.add(connection, run_id, columns.arrays())
            columns = Columns()
        if entry.values is None:
            points.drop_after(connection, run_id, entry.step)
            set_progress(connection, run_id, {"step": entry.step})
    points.add(connection, run_id, columns.arrays())
    if last is not None:
        set_progress(connection, run_id, {"step": last.step, "epoch": last.epoch})


def set_progress(connection: sqlite3.Connection, run_id: int, columns: dict[str, Any]) -> None:
    """Set columns of a run from within a transaction.

    Raises:
        StoreError: the run is no longer there.
    """
    assignments = ", ".join(f"{name} = ?" for name in columns)
    changed = connection.execute(f"UPDATE runs SET revision = revision + 1, {assignments} WHERE id = ?",
                                 (*columns.values(), run_id)).rowcount
    if not changed:
        raise StoreError(f"run {run_id} is no longer in the database")


class _Tracked:
    """The valid entries of a journal; ``end`` is the offset read so far, including damaged lines."""

    def __init__(self, lines: Iterator[tuple[int, Entry | None]], start: int) -> None:
        self._lines = lines
        self.end = start

    def __iter__(self) -> Iterator[Entry]:
        for end, entry in self._lines:
            self.end = end
            if entry is not None:
                yield entry


def _ascending(steps: list[int], values: list[float]) -> Column:
    column = np.array(steps, np.int64), np.array(values, np.float64)
    if np.all(np.diff(column[0]) > 0):
        return column
    order = np.argsort(column[0], kind="stable")
    keep = order[np.append(np.diff(column[0][order]) > 0, True)]
    return column[0][keep], column[1][keep]
