"""A second copy of what ``runs.db`` holds besides metrics: ``run.json`` in each run's folder, and a file for the rest.

Metrics have their own second copy, the journals. So either the database or any of the files can be lost.
"""

import contextlib
import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.files import read_json, write_all_atomically
from engine.home import artifacts_dir, db_path, run_dir
from engine.locks import locked
from engine.store.connect import Connections
from engine.words import counted

_OF_A_RUN = {"runs": "id", "evaluations": "run_id", "events": "run_id", "acknowledged": "run_id"}
_OF_THE_HOME = ("settings", "studies", "study_versions")
_A_PERSONS = ("id", "name", "tags", "notes", "archived_at", "trashed_at")
_FILE = "run.json"
_LOCK_SECONDS = 5.0

Rows = dict[str, list[dict[str, Any]]]


def keep_run(connections: Connections, run_id: int) -> None:
    """Write a run's rows to its folder, within a batch after its end.

    A folder that cannot be written leaves the file as it was.
    """
    if not connections.wait_for_batch(run_id):
        keep_runs(connections, (run_id,))


def keep_runs(connections: Connections, run_ids: Collection[int]) -> None:
    """Write the rows of runs to their folders. Those of many are flushed to the disk by one sync."""
    _keep(connections, {run_dir(run_id) / _FILE: {
        table: f"SELECT * FROM {table} WHERE {key} = {int(run_id)}" for table, key in _OF_A_RUN.items()}
        for run_id in run_ids})


def keep_home(connections: Connections) -> None:
    """Write settings and studies, which are of no run, to a file."""
    _keep(connections, {_home_file(): {table: f"SELECT * FROM {table}" for table in _OF_THE_HOME}})


def forget_run(run_id: int) -> None:
    """Remove the file of a run that is deleted, so that it does not come back."""
    with contextlib.suppress(OSError):
        (run_dir(run_id) / _FILE).unlink()


def kept_files() -> list[Path]:
    """Every file of this home that rows were kept in."""
    files = sorted((artifacts_dir() / "runs").glob(f"*/{_FILE}"))
    return [*files, *([_home_file()] if _home_file().exists() else [])]


def kept_rows(file: Path) -> Rows | None:
    """The rows that a file holds, by table; None: it is damaged."""
    try:
        content = read_json(file)
        tables = {*_OF_A_RUN, *_OF_THE_HOME}
        sound = all(table in tables and all(isinstance(row, dict) for row in rows) for table, rows in content.items())
        return content if sound else None
    except (OSError, ValueError, TypeError):
        return None


def put_back(target: sqlite3.Connection, *, newer: bool = False) -> tuple[int, list[Path]]:
    """Add kept rows that ``target`` lacks; returns how many runs came back, and the files that are damaged.

    Rows that are there win: the database is written first. Journals of runs that came back are read from the beginning.

    Args:
        newer: a run that changed since the row that is there comes back, too, but for its name, tags and notes.
    """
    runs, damaged = 0, []
    for file in kept_files():
        rows = kept_rows(file)
        if rows is None:
            damaged.append(file)
            continue
        for table, found in rows.items():
            known = [row[1] for row in target.execute(f"PRAGMA table_info({table})").fetchall()]
            for row in found:
                columns = {name: row[name] for name in known if name in row}
                added = _insert(target, table, columns) or (newer and table == "runs" and _advance(target, columns))
                if added and table == "runs":
                    runs += 1
                    target.execute("UPDATE runs SET journal_attempt = 0, journal_offset = 0 WHERE id = ?", (row["id"],))
    target.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'runs'", (highest_folder(),))
    return runs, damaged


def describe_restored(runs: int, damaged: Sequence[Path]) -> str:
    """What :func:`put_back` did, as a sentence."""
    lost = f" {len(damaged)} could not be read: {', '.join(map(str, damaged))}." if damaged else ""
    return f"{counted(runs, 'run')} came back from the files in {artifacts_dir() / 'runs'}.{lost}"


def highest_folder() -> int:
    """Return the highest id among existing run folders; new ids start after it, so that no folder is shared."""
    with contextlib.suppress(OSError):
        return max((int(path.name) for path in (artifacts_dir() / "runs").iterdir() if path.name.isdigit()), default=0)
    return 0


def _advance(target: sqlite3.Connection, row: dict[str, Any]) -> bool:
    """Whether the run's row was older: it is replaced, and what was recorded for it is read again."""
    kept = ", ".join(f"{name} = :{name}" for name in row if name not in _A_PERSONS)
    try:
        changed = target.execute(f"UPDATE runs SET {kept} WHERE id = :id AND created_at = :created_at "
                                 "AND revision < :revision", row).rowcount == 1
    except (sqlite3.Error, OverflowError):
        return False
    for table in ("evaluations", "metric_chunks", "metric_summary") if changed else ():
        target.execute(f"DELETE FROM {table} WHERE run_id = ?", (row["id"],))
    return changed


def _insert(target: sqlite3.Connection, table: str, row: dict[str, Any]) -> bool:
    """Whether the row was added: it keeps the table's rules, and was not there."""
    marks = ", ".join("?" * len(row))
    try:
        return target.execute(f"INSERT OR IGNORE INTO {table} ({', '.join(row)}) VALUES ({marks})",
                              list(row.values())).rowcount == 1
    except (sqlite3.Error, OverflowError):
        return False


def _keep(connections: Connections, files: Mapping[Path, dict[str, str]]) -> None:
    """Write to each file what its queries find."""
    if connections.path != db_path():
        return
    with contextlib.suppress(OSError), locked(artifacts_dir() / "mirror.lock", _LOCK_SECONDS):
        with connections.reading() as connection:
            found = {file: {table: _rows(connection.execute(query).fetchall()) for table, query in queries.items()}
                     for file, queries in files.items()}
        write_all_atomically({file: json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass")
                              for file, rows in found.items() if any(rows.values())})


def _rows(found: Sequence[sqlite3.Row]) -> list[dict[str, Any]]:
    return [dict(row) for row in found]


def _home_file() -> Path:
    return artifacts_dir() / "home.json"
