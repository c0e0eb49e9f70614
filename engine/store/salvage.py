"""Reading what can still be read of a damaged database, row by row."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from engine.store import chunks, summaries

_TABLES = ("metric_chunks", "evaluations", "events", "studies")
_KEYED = ("settings", "costs", "study_versions", "acknowledged")
_LOOKUPS = 10_000


@dataclass(frozen=True)
class Salvaged:
    """How many runs were brought over, and how many are known to have been there."""

    runs: int = 0
    known: int = 0

    @property
    def sentence(self) -> str:
        if not self.known:
            return "no run could be read from it."
        return f"{self.runs} of {self.known} runs were brought into a new one."


def salvage(source: sqlite3.Connection, target: sqlite3.Connection) -> Salvaged:
    """Copy every readable row of ``source`` into the empty ``target``.

    Summaries are computed anew, and journals that are still there will be read from their beginning.
    """
    runs = _copy(source, target, "runs")
    known = max(_known_runs(source), runs)
    for table in _TABLES:
        _copy(source, target, table)
    for table in _KEYED:
        _copy_keyed(source, target, table)
    _sum_up(target)
    target.execute("UPDATE runs SET journal_attempt = 0, journal_offset = 0")
    return Salvaged(runs, known)


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> int:
    return sum(_insert(target, table, row) for row in _readable(source, table))


def _readable(source: sqlite3.Connection, table: str) -> Iterator[sqlite3.Row]:
    """Rows from the front up to the damage, from the back up to the damage, and one by one in between."""
    select = f"SELECT * FROM {table} NOT INDEXED"
    first, behind = 0, 0
    try:
        for row in source.execute(f"{select} ORDER BY id"):
            first = row["id"]
            yield row
        return
    except sqlite3.DatabaseError:
        behind = first + _LOOKUPS
    with contextlib.suppress(sqlite3.DatabaseError):
        for row in source.execute(f"{select} WHERE id > ? ORDER BY id DESC", (first,)):
            behind = row["id"]
            yield row
    for key in range(first + 1, min(behind, first + _LOOKUPS)):
        with contextlib.suppress(sqlite3.DatabaseError):
            yield from source.execute(f"{select} WHERE id = ?", (key,)).fetchall()


def _copy_keyed(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> None:
    with contextlib.suppress(sqlite3.DatabaseError):
        for row in source.execute(f"SELECT * FROM {table}"):
            _insert(target, table, row)


def _insert(target: sqlite3.Connection, table: str, row: sqlite3.Row) -> bool:
    """Whether the row is sound enough to be accepted: it keeps the table's rules and belongs to a run that is there."""
    columns = ", ".join(f'"{name}"' for name in row.keys())  # noqa: SIM118 (iterating a Row gives values)
    try:
        target.execute(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(row))})", tuple(row))
    except sqlite3.IntegrityError:
        return False
    return True


def _known_runs(source: sqlite3.Connection) -> int:
    with contextlib.suppress(sqlite3.DatabaseError):
        counted: int = source.execute("SELECT count(*) FROM runs INDEXED BY runs_by_name").fetchall()[0][0]
        return counted
    return 0


def _sum_up(target: sqlite3.Connection) -> None:
    """Compute the summaries from the chunks that came over; chunks whose bytes do not decode are left out."""
    for (run_id, name) in target.execute("SELECT DISTINCT run_id, name FROM metric_chunks").fetchall():
        chunks.drop_undecodable(target, run_id, name)
        column = chunks.read(target, run_id, name)
        if len(column[0]):
            summaries.write(target, run_id, name, summaries.summary_of(column))
