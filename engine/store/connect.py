"""Connections to ``runs.db``: one writer at a time, read-only readers, no sharing across forks."""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from engine.home import db_path
from engine.home import read_only as why_read_only
from engine.store.faults import GoneError, StoreError, translate_error
from engine.store.filesystem import private_copy
from engine.store.locking import locked

_TIMEOUT = 30.0
_KEPT = 8
# A forked child must neither use nor close its parent's connections, so they are kept here.
_ABANDONED: list[object] = []

FileId = tuple[int, int]


class _Mine(threading.local):
    """The batch of each thread: its connection, and the runs whose second copy waits for its end."""

    def __init__(self) -> None:
        self.connection: sqlite3.Connection | None = None
        self.waiting: set[int] = set()


class Connections:
    """A thread-safe connection pool for one database file.

    ``warning`` describes in one line why the file's location is unsafe, or is None.
    """

    def __init__(self, path: Path, journal_mode: str = "wal", warning: str | None = None) -> None:
        self.path = path
        self.journal_mode = journal_mode
        self.warning = warning
        self.lock_path = lock_path(path)
        self._mine = _Mine()
        self._forget()

    @property
    def read_only(self) -> str:
        """Why the database can only be viewed, as a line; empty: it can be written."""
        return why_read_only() if self.path == db_path().absolute() else ""

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Open a read-only connection; fetch all rows before leaving.

        Raises:
            StoreError: the database is missing, damaged or locked.
        """
        if self._mine.connection is not None:
            yield self._mine.connection
            return
        with self._translate_errors(), self._borrow(read_only=True) as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Open a write transaction, committed on exit and rolled back on an error.

        Raises:
            StoreError: the database is missing, damaged, locked or read-only, or the disk is full.
        """
        if self._mine.connection is not None:
            yield self._mine.connection
            return
        if reason := self.read_only:
            raise StoreError(reason)
        with self._translate_errors(), locked(self.lock_path), self._borrow(read_only=False) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                before = connection.total_changes
                yield connection
                if connection.total_changes != before:
                    connection.execute("UPDATE counter SET value = value + 1")
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def batch(self) -> Iterator[set[int]]:
        """Let this thread write in one transaction, all or nothing, and read what it has written.

        Others cannot write meanwhile. Yields the ids of runs whose second copy is to be written afterwards.
        """
        with self.writing() as connection:
            self._mine.connection, self._mine.waiting = connection, set()
            try:
                yield self._mine.waiting
            finally:
                self._mine.connection = None

    def wait_for_batch(self, run_id: int) -> bool:
        """Note that a run's second copy is to be written after the batch; return whether this thread has one."""
        there = self._mine.connection is not None
        if there:
            self._mine.waiting.add(run_id)
        return there

    def checkpoint(self) -> None:
        """Write the committed changes of the write-ahead log to the file."""
        with self._translate_errors(), locked(self.lock_path), self._borrow(read_only=False) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        """Close the idle connections; the pool opens new ones on demand."""
        with self._guard:
            idle = [*self._readers, *self._writers]
            self._forget()
        for connection in idle:
            connection.close()

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._guard = threading.Lock()
        self._file: FileId | None = None
        self._readers: list[sqlite3.Connection] = []
        self._writers: list[sqlite3.Connection] = []

    @contextlib.contextmanager
    def _borrow(self, *, read_only: bool) -> Iterator[sqlite3.Connection]:
        self._check_file()
        if self.read_only:
            with contextlib.closing(view(self.path)) as viewed:
                yield viewed
            return
        with self._guard:
            idle = self._readers if read_only else self._writers
            connection = idle.pop() if idle else None
        if connection is None:
            connection = connect(self.path, read_only, self.journal_mode)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        if (idle is self._readers or idle is self._writers) and len(idle) < _KEPT:
            idle.append(connection)
        else:
            connection.close()

    def _check_file(self) -> None:
        """Drop connections of a parent process, or of a file that was replaced."""
        if self._pid != os.getpid():
            _ABANDONED.append((self._readers, self._writers))
            self._forget()
        now = file_id(self.path)
        if now is None:
            raise GoneError(f"{self.path} was deleted while it was in use; the metrics of runs stay in their journals")
        if now != self._file:
            self.close()
            self._file = now

    @contextlib.contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise translate_error(error, self.path) from error


def view(path: Path) -> sqlite3.Connection:
    """Open a database whose folder cannot be written. Without a write-ahead log, the file is all there is.

    A log without the shared memory of its writers, who were killed, can only be read where that can be made: in a copy.

    Raises:
        sqlite3.Error: it cannot be opened.
        OSError: it cannot be copied.
    """
    connection = connect(path, read_only=True)
    try:
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
    except sqlite3.Error:
        connection.close()
        wal = path.with_name(f"{path.name}-wal")
        if wal.exists() and wal.stat().st_size:
            written = tuple(file.stat().st_mtime_ns for file in (path, wal))
            return connect(Path(private_copy(path, wal, written).name) / path.name, read_only=True)
        connection = connect(path, read_only=True, immutable=True)
    return connection


def connect(path: Path, read_only: bool, journal_mode: str = "wal", *, immutable: bool = False) -> sqlite3.Connection:
    """Open an existing database; never create a file.

    Args:
        immutable: nobody writes it, so that neither a log nor shared memory is looked for.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    mode = ("ro" if read_only else "rw") + "&immutable=1" * immutable
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode={mode}", uri=True, timeout=_TIMEOUT,
                                 isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    try:
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        else:
            prepare_writer(connection, journal_mode)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prepare_writer(connection: sqlite3.Connection, journal_mode: str) -> None:
    """Configure a writer. Without shared memory SQLite keeps another journal mode, which needs full syncs."""
    mode = connection.execute(f"PRAGMA journal_mode = {journal_mode}").fetchall()[0][0]
    connection.execute(f"PRAGMA synchronous = {'NORMAL' if mode == 'wal' else 'FULL'}")
    connection.execute("PRAGMA foreign_keys = ON")


def lock_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def file_id(path: Path) -> FileId | None:
    """Return the identity of a file, which differs from that of a replacement; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
