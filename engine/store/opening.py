"""Opening ``runs.db``: creating, checking, repairing and migrating it."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from engine.disk_space import refusal
from engine.errors import UserError, in_one_line
from engine.files import replace_file
from engine.home import db_path
from engine.store.connect import Connections, FileId, file_id, lock_path, prepare_writer
from engine.store.faults import DamagedError, StoreError, translate_error
from engine.store.filesystem import network_file_system
from engine.store.locking import locked, note, noted
from engine.store.mirror import describe_restored, highest_folder
from engine.store.repair import leave_notice, replace_database, set_aside_and_salvage
from engine.store.schema import MIGRATION_NAMES, MIGRATION_SET
from engine.store.snapshots import fill_from, recover

_READY: dict[Path, tuple[FileId, Connections]] = {}


def open_connections(path: Path) -> Connections:
    """Return connections to a valid database of this version; it is checked once per process.

    Raises:
        StoreError: it cannot be created, read or written.
        UserError: it was written by a newer version, or belongs to another program.
    """
    ready = _READY.get(path)
    if ready is not None and ready[0] == file_id(path):
        return ready[1]
    viewed = Connections(path)
    if viewed.read_only:
        viewed.warning = viewed.read_only
        _check_viewed(viewed)
        return viewed
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(refusal(path.parent, error)) from None
    network = network_file_system(path)
    connections = Connections(path, "delete" if network else "wal", network and (
        f"{path} is on a network file system ({network}): slower, and safe only for one machine at a time; "
        "set DARKROOM_HOME to a local folder"))
    with locked(connections.lock_path):
        _prepare(path, connections.journal_mode)
    with connections.reading() as connection:
        mode = connection.execute("PRAGMA journal_mode").fetchall()[0][0]
    if mode != connections.journal_mode:
        connections = Connections(path, mode, f"{path} cannot use a write-ahead log here: slower, and readers may wait")
    found = file_id(path)
    assert found is not None
    _READY[path] = found, connections
    return connections


def _check_viewed(viewed: Connections) -> None:
    with viewed.reading() as connection:
        _refuse_foreign(connection, viewed.path)
        applied = _applied(connection)
        _refuse_newer(applied, viewed.path)
    if applied < set(MIGRATION_NAMES):
        raise UserError(f"{viewed.path} was written by an older version of Darkroom and must be brought up to date, "
                        f"but {viewed.read_only}; copy it to a folder of yours")


def opened() -> Connections | None:
    """Return the connections to the home's database, if this process has opened it."""
    ready = _READY.get(db_path().absolute())
    return ready[1] if ready else None


def _prepare(path: Path, journal_mode: str) -> None:
    if not path.exists():
        _create(path, journal_mode, rebuild=path == db_path().absolute())
        return
    try:
        if not path.stat().st_size:
            raise DamagedError("it is empty")
        state = _state(path)
        with _open_for_maintenance(path, journal_mode) as connection:
            _bring_up_to_date(connection, path, sound=noted(lock_path(path)) == state)
        if _state(path) == state:
            note(lock_path(path), state)
    except DamagedError as damage:
        set_aside_and_salvage(path, str(damage), lambda fresh: _create(fresh, journal_mode))


def _state(path: Path) -> str:
    """Return what changes with every write to the file. SQLite checks what lies in the write-ahead log by itself.

    The lock file keeps the state that was found sound: checking hundreds of MB again would take each command seconds.
    """
    found = path.stat()
    return f"{found.st_dev} {found.st_ino} {found.st_size} {found.st_ctime_ns}"


def restore(file: Path) -> str:
    """Replace the home's database by a snapshot or backup, completed by what the home's files know since.

    The present file is kept beside it.

    Returns:
        What came back, and the name of the file before, as a sentence.

    Raises:
        StoreError: ``file`` cannot be read, or the home cannot be written.
        UserError: it was written by a newer version, or is no database of Darkroom.
    """
    path = db_path().absolute()
    said = []

    def fill(fresh: Path, aside: Path) -> str:
        try:
            runs, damaged = fill_from(file, fresh, [path] if path.exists() else [])
            with _open_for_maintenance(fresh, "delete") as connection:
                _bring_up_to_date(connection, file)
                _check_columns(connection)
                # The week of what was in the trash then begins anew.
                connection.execute("UPDATE runs SET trashed_at = ? WHERE trashed_at IS NOT NULL", [time.time()])
        except (DamagedError, UnicodeDecodeError) as error:
            raise UserError(f"restore: {file} is damaged ({_reason(error)}); `python -m engine restore` lists "
                            "the snapshots of this home") from error
        before = f"The file before is {aside.name}." if path.exists() else "There was no file before."
        said.append(f"restored {file.name}. {describe_restored(runs, damaged)} {before}")
        return f"{path.name} was {said[0]}"

    with locked(lock_path(path)):
        replace_database(path, "before-restore", fill)
    return said[0]


def _reason(error: Exception) -> str:
    """Return what SQLite says of the damage."""
    return in_one_line(str(error.__cause__ or error))


def _bring_up_to_date(connection: sqlite3.Connection, file: Path, *, sound: bool = False) -> None:
    """Check a database, which ``file`` names in messages, and migrate it to this version.

    Args:
        sound: it has not changed since it was checked.

    Raises:
        UserError: it was written by a newer version, or is no database of Darkroom.
        DamagedError: it is damaged.
    """
    _refuse_foreign(connection, file)
    applied = _applied(connection)
    _refuse_newer(applied, file)
    if not sound:
        _check(connection)
    if applied < set(MIGRATION_NAMES):
        _migrate(connection)


def _create(path: Path, journal_mode: str, *, rebuild: bool = False) -> None:
    """Create the database beside ``path`` and rename it, so that it never exists half-made.

    Args:
        rebuild: with the runs whose folders are there: somebody deleted the database, perhaps by mistake.
    """
    try:
        with replace_file(path) as partial:
            with _open_for_maintenance(partial, journal_mode) as connection:
                _migrate(connection)
                connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('runs', ?)", [highest_folder()])
                runs, damaged = recover(connection) if rebuild else (0, [])
            if rebuild and highest_folder():
                restored = describe_restored(runs, damaged)
                leave_notice(partial, f"{path.name} was missing, so a new one was created. {restored}")
    except OSError as error:
        raise StoreError(refusal(path, error)) from None


@contextlib.contextmanager
def _open_for_maintenance(path: Path, journal_mode: str) -> Iterator[sqlite3.Connection]:
    try:
        connection = sqlite3.connect(path, timeout=30.0, isolation_level=None)
        try:
            prepare_writer(connection, journal_mode)
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise translate_error(error, path) from error


def _migrate(connection: sqlite3.Connection) -> None:
    from sqlite_utils import Database

    from engine.store.migrations import MIGRATIONS

    MIGRATIONS.apply(Database(connection))


def _applied(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (MIGRATION_SET,))
    return {row[0] for row in rows.fetchall()}


def _check(connection: sqlite3.Connection) -> None:
    findings = connection.execute("PRAGMA quick_check(1)").fetchall()
    if findings != [("ok",)]:
        raise DamagedError(" ".join(str(findings[0][0]).split()))


def _check_columns(connection: sqlite3.Connection) -> None:
    """Compare tables and columns with those of a new database: a flipped bit in a name passes SQLite's own checks.

    Raises:
        DamagedError: one is missing.
    """
    with contextlib.closing(sqlite3.connect(":memory:")) as fresh:
        _migrate(fresh)
        lost = _columns(fresh) - _columns(connection)
    if lost:
        raise DamagedError(f"it lacks {', '.join(sorted(lost))}")


def _columns(connection: sqlite3.Connection) -> set[str]:
    """Return ``table.column`` of all tables."""
    rows = connection.execute("SELECT CAST(t.name || '.' || c.name AS BLOB) FROM sqlite_schema t, "
                              "pragma_table_info(t.name) c WHERE t.type = 'table'")
    return {row[0].decode(errors="replace") for row in rows.fetchall()}


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema").fetchall()}
    if not {"runs", "counter", "_sqlite_migrations"} <= tables:
        raise UserError(f"{path} is a database of another program: move it away, or set DARKROOM_HOME elsewhere")


def _refuse_newer(applied: set[str], path: Path) -> None:
    newer = sorted(applied - set(MIGRATION_NAMES))
    if newer:
        raise UserError(f"{path} was written by a newer version of Darkroom ({newer[-1]}): update Darkroom to use it")
