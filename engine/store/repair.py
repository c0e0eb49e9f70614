"""Repairing a damaged ``runs.db``: readable rows are copied into a new file, and the damaged one is kept."""

import contextlib
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.files import temporary_beside
from engine.home import db_path
from engine.store.connect import connect
from engine.store.faults import StoreError
from engine.store.mirror import describe_restored
from engine.store.snapshots import recover

_TABLES = ("metric_chunks", "evaluations", "events", "studies")
_KEYED = ("settings", "costs", "study_versions", "acknowledged")
_LOOKUPS = 10_000


@dataclass(frozen=True)
class Recovery:
    """The number of recovered runs, and of runs known to have existed."""

    runs: int = 0
    known: int = 0

    @property
    def sentence(self) -> str:
        if not self.known:
            return "no run could be recovered."
        return f"{self.runs} of {self.known} runs were recovered into a new file."


def salvage(source: sqlite3.Connection, target: sqlite3.Connection) -> Recovery:
    """Copy every readable row of ``source`` into the empty ``target``.

    Summaries are recomputed, and remaining journals will be replayed from the start.
    """
    runs = _copy_rows(source, target, "runs")
    known = max(_known_runs(source), runs)
    for table in _TABLES:
        _copy_rows(source, target, table)
    for table in _KEYED:
        _copy_keyed(source, target, table)
    _recompute_summaries(target)
    target.execute("UPDATE runs SET journal_attempt = 0, journal_offset = 0")
    return Recovery(runs, known)


def _copy_rows(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> int:
    return sum(_insert(target, table, row) for row in _readable(source, table))


def _readable(source: sqlite3.Connection, table: str) -> Iterator[sqlite3.Row]:
    """Yield rows from the front and from the back up to the damage, and one by one in between."""
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
    """Insert a row; return False if it violates the table's constraints or its run is missing."""
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


def _recompute_summaries(target: sqlite3.Connection) -> None:
    """Recompute the summaries from the recovered chunks, without damaged ones."""
    from engine.store import chunks, summaries

    for (run_id, name) in target.execute("SELECT DISTINCT run_id, name FROM metric_chunks").fetchall():
        chunks.drop_undecodable(target, run_id, name)
        column = chunks.read(target, run_id, name)
        if len(column[0]):
            summaries.write(target, run_id, name, summaries.summary_of(column))


_LOG = logging.getLogger(__name__)


def set_aside_and_salvage(path: Path, damage: str, make_new: Callable[[Path], None]) -> None:
    """Replace ``path`` by a new database with every readable row; the damaged file is kept beside it.

    Raises:
        StoreError: the disk is full, or the folder cannot be written; ``path`` is unchanged.
    """
    def fill(fresh: Path, aside: Path) -> str:
        make_new(fresh)
        result = _copy(path, fresh)
        return (f"{path.name} was damaged ({damage}); {result.sentence} {_from_files(path, fresh)}"
                f"The damaged file is {aside.name}.")

    try:
        replace_database(path, "damaged", fill)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{path} is damaged ({damage}) and cannot be repaired here: {error}") from error


def replace_database(path: Path, why: str, fill: Callable[[Path, Path], str]) -> None:
    """Replace ``path``, which is kept beside it.

    Args:
        why: a word in the name of the file that is kept.
        fill: makes the new file at its first argument, and says what it did with the second, the name that is kept.
    """
    aside = _free_name(path, why)
    with temporary_beside(path) as fresh:
        leave_notice(fresh, fill(fresh, aside))
        _swap(path, aside, fresh)


def _from_files(path: Path, fresh: Path) -> str:
    """Put back what the home's files hold and the damaged database did not; says so in a sentence."""
    if path != db_path().absolute():
        return ""
    target = connect(fresh, read_only=False)
    try:
        runs, damaged = recover(target)
    finally:
        target.close()
    return f"{describe_restored(runs, damaged)} " if runs or damaged else ""


def _copy(damaged: Path, fresh: Path) -> Recovery:
    target = connect(fresh, read_only=False)
    try:
        source = connect(damaged, read_only=True)
    except sqlite3.Error:
        return Recovery()
    try:
        target.execute("BEGIN IMMEDIATE")
        result = salvage(source, target)
        target.execute("COMMIT")
        return result
    finally:
        source.close()
        target.close()


def leave_notice(fresh: Path, message: str) -> None:
    """Log a message, and add it to the notices of a database that is not in use yet."""
    _LOG.warning(message)
    connection = connect(fresh, read_only=False)
    try:
        connection.execute("INSERT INTO events (run_id, kind, message, created_at) VALUES (NULL, 'repair', ?, ?)",
                           (message, time.time()))
    finally:
        connection.close()


def _swap(path: Path, aside: Path, fresh: Path) -> None:
    """Swap the files so that ``path`` always exists: otherwise another process would create an empty database."""
    if path.exists():
        os.link(path, aside)
    wal = _beside(path, "-wal")
    if wal.exists() and wal.stat().st_size:
        wal.replace(_beside(aside, "-wal"))
    wal.unlink(missing_ok=True)
    _beside(path, "-shm").unlink(missing_ok=True)
    fresh.replace(path)


def _free_name(path: Path, why: str) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    names = (path.with_name(f"{path.name}.{why}-{stamp}{suffix}") for suffix in ("", *(f"-{n}" for n in range(100))))
    return next(name for name in names if not name.exists())


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
