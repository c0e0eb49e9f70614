"""A damaged ``runs.db`` is set aside under another name, and what can be read of it goes into a fresh one."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from engine.store.connect import connect
from engine.store.faults import StoreError
from engine.store.salvage import Salvaged, salvage

_LOG = logging.getLogger(__name__)


def set_aside_and_salvage(path: Path, damage: str, make_new: Callable[[Path], None]) -> None:
    """Replace ``path`` by a sound database with every row that is still readable; the damaged file is kept beside it.

    Raises:
        StoreError: there is no room for the new one, or the folder cannot be written; ``path`` stays as it was.
    """
    fresh = path.with_name(f".{path.name}.repaired")
    aside = _free_name(path)
    fresh.unlink(missing_ok=True)
    make_new(fresh)
    try:
        result = _copy(path, fresh)
        leave_notice(fresh, f"{path.name} was damaged ({damage}); {result.sentence} The damaged file is {aside.name}.")
        _swap(path, aside, fresh)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{path} is damaged ({damage}) and cannot be repaired here: {error}") from error
    finally:
        fresh.unlink(missing_ok=True)


def _copy(damaged: Path, fresh: Path) -> Salvaged:
    target = connect(fresh, read_only=False)
    try:
        source = connect(damaged, read_only=True)
    except sqlite3.Error:
        return Salvaged()
    try:
        target.execute("BEGIN IMMEDIATE")
        result = salvage(source, target)
        target.execute("COMMIT")
        return result
    finally:
        source.close()
        target.close()


def leave_notice(fresh: Path, message: str) -> None:
    """Log what happened, and keep it among the notices of a database that nobody else uses yet."""
    _LOG.warning(message)
    connection = connect(fresh, read_only=False)
    try:
        connection.execute("INSERT INTO events (run_id, kind, message, created_at) VALUES (NULL, 'repair', ?, ?)",
                           (message, time.time()))
    finally:
        connection.close()


def _swap(path: Path, aside: Path, fresh: Path) -> None:
    """At no moment is there no file at ``path``: a process that looked then would begin an empty database."""
    os.link(path, aside)
    wal = _beside(path, "-wal")
    if wal.exists() and wal.stat().st_size:
        wal.replace(_beside(aside, "-wal"))
    wal.unlink(missing_ok=True)
    _beside(path, "-shm").unlink(missing_ok=True)
    fresh.replace(path)


def _free_name(path: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    names = (path.with_name(f"{path.name}.damaged-{stamp}{suffix}") for suffix in ("", *(f"-{n}" for n in range(100))))
    return next(name for name in names if not name.exists())


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
