"""Errors of the store, translated from SQLite's errors."""

import sqlite3
from pathlib import Path

from engine.disk_space import full_message, no_room
from engine.errors import UserError


class StoreError(UserError):
    """``runs.db`` cannot be used; the message gives the reason and what to do."""


class DiskFullError(StoreError):
    """The disk is full; reading still works."""


class BusyError(StoreError):
    """Another process held the database for too long."""


class DamagedError(StoreError):
    """The database is damaged."""


class GoneError(StoreError):
    """The file was deleted while it was in use."""


class RunGoneError(StoreError):
    """The database has no such run: it was replaced by another."""


_DAMAGE = ("malformed", "not a database", "unsupported file format", "not decode")


def translate_error(error: sqlite3.Error, path: Path) -> Exception:
    """Return the :class:`StoreError` for an SQLite error, or the error itself if it is a programming error."""
    text = str(error)
    if full := full_message(text, path) or _full_by_another_name(text, path):
        return DiskFullError(full)
    if "locked" in text or "busy" in text:
        return BusyError(f"{path} has been locked by another process for too long")
    if any(sign in text for sign in _DAMAGE):
        return DamagedError(f"{path} is damaged ({text}); close every Darkroom process and start it again to repair it")
    if "readonly" in text:
        return StoreError(f"{path} cannot be written: the file or its folder is read-only")
    if "unable to open" in text or "disk I/O error" in text:
        return StoreError(f"{path} cannot be used: {text}")
    return error


def _full_by_another_name(text: str, path: Path) -> str:
    """SQLite calls a used-up quota an I/O error, and a full disk without room for its shared memory likewise."""
    if "unable to open" not in text and "disk I/O error" not in text:
        return ""
    wal = path.with_name(f"{path.name}-wal")
    sizes = [file.stat().st_size for file in (path, wal) if file.exists()]
    return full_message(no_room(path.parent, max(sizes, default=0)), path)
