"""Opening ``runs.db``: made if missing, migrated, checked, never mistaken for something else."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from engine.errors import UserError
from engine.store.connect import Connections, file_id, lock_path, prepare_writer
from engine.store.faults import StoreError, explained
from engine.store.locking import locked
from engine.store.schema import MIGRATIONS

_KNOWN: dict[Path, object] = {}


def opened(path: Path) -> Connections:
    """Connections to a database that is there, sound and of this version."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path.parent} cannot be written: {error.strerror}") from None
    if _KNOWN.get(path) is None or _KNOWN[path] != file_id(path):
        with locked(lock_path(path)):
            _make_ready(path)
        _KNOWN[path] = file_id(path)
    return Connections(path)


def _make_ready(path: Path) -> None:
    try:
        connection = sqlite3.connect(path, timeout=30.0, isolation_level=None)
        try:
            prepare_writer(connection, "wal")
            db = Database(connection)
            _refuse_newer(db, path)
            MIGRATIONS.apply(db)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise explained(error, path) from error


def _refuse_newer(db: Database, path: Path) -> None:
    known = {migration.name for migration in MIGRATIONS._migrations}
    newer = sorted({migration.name for migration in MIGRATIONS.applied(db)} - known)
    if newer:
        raise UserError(f"{path} was written by a newer version of Darkroom ({newer[-1]}): update Darkroom to use it")
