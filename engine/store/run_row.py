"""The row of a run: which columns can be set, and how it is changed within a transaction."""

import sqlite3
import time
from collections.abc import Collection
from typing import Any

from engine.errors import UserError
from engine.store.schema import ENDED
from engine.store.values import marks, to_sql

_WRITABLE = frozenset({
    "name", "status", "requested", "priority", "started_at", "ended_at", "heartbeat_at", "epoch", "step", "total_steps",
    "steps_per_epoch", "trained_seconds", "device", "slot", "handle", "exit_code", "error", "git_commit", "git_dirty",
    "environment", "resolved", "parameters", "dataset_fingerprint", "notes", "tags", "config", "config_hash", "origin",
    "archived_at", "trashed_at", "running_since", "pid"})  # pid: only ever cleared, for an older dispatcher
LARGEST_ID = 2**63 - 1


def change_run(connection: sqlite3.Connection, run_id: int, columns: dict[str, Any], expected: Collection[str],
               also: str = "") -> bool:
    """Set columns of a run within a transaction if its status is one of ``expected``; return whether it was."""
    unknown = columns.keys() - _WRITABLE
    if unknown:
        raise ValueError(f"runs has no column {', '.join(sorted(unknown))} to set")
    if columns.get("status") in ENDED:
        columns = {"ended_at": time.time(), **columns}
    assignments = ", ".join(["revision = revision + 1", *(f"{name} = ?" for name in columns)])
    statement = (f"UPDATE runs SET {also}{assignments} "
                 f"WHERE id = ? AND status IN ({marks(expected)})")
    return connection.execute(statement, [*to_sql(columns.values()), run_key(run_id), *expected]).rowcount == 1


def run_key(run_id: int) -> int:
    """Return the id if SQLite can hold it, else 0, which no run has."""
    return run_id if 0 < run_id <= LARGEST_ID else 0


def unknown_run(run_id: int) -> UserError:
    """Return the error that there is no such run."""
    return UserError(f"run: no run {run_id}" if run_key(run_id) else "run: no run has such an id")
