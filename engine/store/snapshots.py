"""Daily snapshots of ``runs.db`` in the home's folder ``snapshots``, and what a lost database takes from them."""

import contextlib
import logging
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from engine.errors import UserError, user_message
from engine.files import replace_file
from engine.home import db_path, home, run_dir
from engine.locks import locked
from engine.store.connect import Connections, connect
from engine.store.faults import DamagedError, translate_error
from engine.store.journal import journals
from engine.store.mirror import kept_files, put_back

KEPT = 7
_RETRY_SECONDS = 600.0
_CURVES = {"metric_chunks": 'run_id, name, first_step, last_step, count, steps, coding, "values"',
           "metric_summary": "run_id, name, last, last_step, min, min_step, max, max_step, count, nonfinite"}
_TRIED: dict[Path, float] = {}
_LOG = logging.getLogger(__name__)


def snapshots() -> list[Path]:
    """Return the snapshots of this home, newest first."""
    return sorted((home() / "snapshots").glob("runs-????-??-??.db"), reverse=True)


def keep_daily(connections: Connections) -> None:
    """Take today's snapshot in the background unless it is there; the newest seven are kept."""
    target = home() / "snapshots" / f"runs-{time.strftime('%Y-%m-%d')}.db"
    tried = _TRIED.get(target, -_RETRY_SECONDS)
    # A home that was deleted meanwhile is not to come back.
    there = connections.path == db_path() and connections.path.exists()
    wanted = there and not connections.read_only and not target.exists()
    if wanted and time.monotonic() - tried >= _RETRY_SECONDS:
        _TRIED[target] = time.monotonic()
        threading.Thread(target=_take, args=(connections, target), name="snapshot").start()


def _take(connections: Connections, target: Path) -> None:
    try:
        with locked(target.parent / ".lock", patience=0):
            if not target.exists():
                take(connections, target)
        for old in snapshots()[KEPT:]:
            old.unlink(missing_ok=True)
    except TimeoutError:
        pass  # another process takes it
    except Exception as error:
        _LOG.warning("no snapshot of %s: %s", connections.path, user_message(error) or error)


def take(connections: Connections, target: Path) -> None:
    """Copy a sound database that has runs, while others read and write, unless it would fill the disk.

    From then on the metrics of its finished runs are in two files, so that their journals can go.

    Raises:
        StoreError: the database is damaged.
        OSError: the folder cannot be written.
    """
    with connections.reading() as source:
        if not source.execute("SELECT 1 FROM runs LIMIT 1").fetchall():
            return
        if shutil.disk_usage(home()).free < 2 * connections.path.stat().st_size:
            return
        with replace_file(target) as partial, contextlib.closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            if copy.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
                raise DamagedError(f"{connections.path} is damaged: its snapshots are kept")
            finished = copy.execute("SELECT id, attempt FROM runs WHERE status = 'finished'").fetchall()
    from engine.store.metrics import Metrics

    metrics = Metrics(connections)
    for run_id, attempt in finished:
        if journals(run_dir(run_id)):
            metrics.seal(run_id, attempt)


def recover(target: sqlite3.Connection, *, newer: bool = False, others: Iterable[Path] = ()) -> tuple[int, list[Path]]:
    """Add what the home's files hold and ``target`` lacks: rows as :func:`put_back`, then curves.

    Args:
        others: databases to take curves from before the snapshots.
    """
    found = put_back(target, newer=newer)
    bare = dict(target.execute("SELECT id, created_at FROM runs WHERE id NOT IN (SELECT run_id FROM metric_summary)")
                .fetchall())
    for file in (*others, *snapshots()) if bare else ():
        with contextlib.suppress(sqlite3.Error), contextlib.closing(connect(file, read_only=True)) as source:
            there = dict(source.execute("SELECT id, created_at FROM runs").fetchall())
            for run_id in [run_id for run_id, created in bare.items() if there.get(run_id) == created]:
                if _copy_curves(source, target, run_id):
                    del bare[run_id]
    return found


def _copy_curves(source: sqlite3.Connection, target: sqlite3.Connection, run_id: int) -> int:
    """Copy a run's metrics; returns how many chunks there were."""
    counts = []
    for table, columns in _CURVES.items():
        rows = source.execute(f"SELECT {columns} FROM {table} WHERE run_id = ?", (run_id,)).fetchall()
        marks = ", ".join("?" * len(columns.split(",")))
        target.executemany(f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({marks})", [tuple(row) for row in rows])
        counts.append(len(rows))
    return counts[0]


def fill_from(file: Path, fresh: Path, others: Iterable[Path]) -> tuple[int, list[Path]]:
    """Fill a new file with a snapshot and with what the home's files know since.

    A run that only the snapshot knows is there again, but does not start by itself.

    Raises:
        StoreError: ``file`` cannot be read.
        UserError: it is no database.
    """
    try:
        with contextlib.closing(connect(file, read_only=True)) as source, \
                contextlib.closing(sqlite3.connect(fresh, isolation_level=None)) as target:
            source.backup(target)
            target.row_factory = sqlite3.Row
            found = recover(target, newer=True, others=others)
            known = ", ".join(path.parent.name for path in kept_files() if path.parent.name.isdigit())
            target.execute("UPDATE runs SET status = 'stopped', slot = NULL, error = 'restored from a snapshot' "
                           f"WHERE status IN ('queued', 'starting', 'running', 'evaluating') AND id NOT IN ({known})")
            return found
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise UserError(f"restore: {file} is not a database of Darkroom; `python -m engine restore` lists those "
                            "of this home") from None
        raise translate_error(error, file) from error
