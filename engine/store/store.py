"""``Store``: one database file with runs, metrics, evaluations, studies, events, settings and costs."""

import contextlib
import json
import sqlite3
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from engine.disk_space import full_message
from engine.errors import UserError
from engine.files import replace_file
from engine.home import db_path
from engine.store.connect import Connections
from engine.store.evaluations import Evaluations
from engine.store.events import Events
from engine.store.mirror import describe_restored, keep_home, keep_run, keep_runs
from engine.store.opening import open_connections
from engine.store.runs import Runs
from engine.store.snapshots import recover
from engine.store.studies import StudyDocuments
from engine.store.sure import SureFindings
from engine.store.trash import Trash

if TYPE_CHECKING:
    from engine.store.metrics import Metrics


class KeyValues:
    """A table of JSON values by key, shared by every process."""

    def __init__(self, connections: Connections, table: str) -> None:
        self._connections = connections
        self._table = table

    def get(self, key: str, default: Any = None) -> Any:
        with self._connections.reading() as connection:
            found = connection.execute(f"SELECT value FROM {self._table} WHERE key = ?", (key,)).fetchall()
        return json.loads(found[0][0]) if found else default

    def set(self, key: str, value: Any) -> None:
        if self._table == "costs" and self._connections.read_only:
            return  # they only save time
        with self._connections.writing() as connection:
            connection.execute(f"INSERT OR REPLACE INTO {self._table} (key, value) VALUES (?, ?)",
                               (key, json.dumps(value)))
        if self._table == "settings":
            keep_home(self._connections)


@dataclass(frozen=True)
class Acknowledgement:
    """``finding`` is the name of the rule that found it; ``created_at`` is in unix seconds."""

    run_id: int
    finding: str
    note: str
    created_at: float


class Acknowledged:
    """The acknowledgements of one store: at most one for each run and finding."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def put(self, run_id: int, finding: str, note: str = "") -> None:
        """Acknowledge a finding, replacing an earlier note; do nothing if the run was deleted."""
        with self._connections.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO acknowledged (run_id, finding, note, created_at) "
                               "SELECT id, ?, ?, ? FROM runs WHERE id = ?", (finding, note, time.time(), run_id))
            connection.execute("UPDATE runs SET revision = revision + 1 WHERE id = ?", (run_id,))
        keep_run(self._connections, run_id)

    def take_back(self, run_id: int, finding: str) -> None:
        """Remove an acknowledgement, if there is one."""
        with self._connections.writing() as connection:
            connection.execute("DELETE FROM acknowledged WHERE run_id = ? AND finding = ?", (run_id, finding))
            connection.execute("UPDATE runs SET revision = revision + 1 WHERE id = ?", (run_id,))
        keep_run(self._connections, run_id)

    def of(self, run_ids: Collection[int]) -> list[Acknowledgement]:
        """Return the acknowledgements of some runs, oldest first."""
        marks = ", ".join("?" * len(run_ids))
        with self._connections.reading() as connection:
            rows = connection.execute("SELECT run_id, finding, note, created_at FROM acknowledged "
                                      f"WHERE run_id IN ({marks}) ORDER BY created_at", list(run_ids)).fetchall()
        return [Acknowledgement(*row) for row in rows]


class Store:
    """An open database, safe across threads and forks. Use :meth:`open` to create one."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections
        self.path = connections.path
        self.runs = Runs(connections)
        self.trash = Trash(self.runs)
        self.evaluations = Evaluations(connections)
        self.acknowledged = Acknowledged(connections)
        self.events = Events(connections)
        self.sure = SureFindings(connections, self.events)
        self.settings = KeyValues(connections, "settings")
        self.costs = KeyValues(connections, "costs")
        self.studies = StudyDocuments(connections)

    @classmethod
    def open(cls, path: Path | None = None) -> Self:
        """Open ``path``, by default the home's ``runs.db``; create or migrate it if needed.

        Raises:
            UserError: it was written by a newer version, belongs to another program, cannot be written, or the disk
                is full.
        """
        return cls(open_connections((path or db_path()).absolute()))

    @cached_property
    def metrics(self) -> "Metrics":
        """The metrics of runs; made when they are asked for, as NumPy comes with them."""
        from engine.store.metrics import Metrics

        return Metrics(self.connections)

    @property
    def read_only(self) -> str:
        """Why the home can only be viewed, as a line; empty: it can be written."""
        return self.connections.read_only

    @contextlib.contextmanager
    def batch(self) -> Iterator[None]:
        """Let this thread write in one transaction, all or nothing; copies beside the database cost one sync.

        Others cannot write meanwhile: a batch is to take less than a second.
        """
        with self.connections.batch() as changed:
            yield
        keep_runs(self.connections, changed)

    def version(self) -> int:
        """Return a number that changes whenever any process commits a change."""
        with self.connections.reading() as connection:
            version: int = connection.execute("SELECT value FROM counter").fetchall()[0][0]
            return version

    def notices(self) -> list[str]:
        """Return notices about the store: its location, then its repairs, oldest first."""
        warning = self.connections.warning
        return [*([warning] if warning else []), *(event.message for event in self.events.of(None))]

    def rebuild(self) -> str:
        """Put back the runs, studies and settings that the home's files hold and the database lacks; says what came.

        Raises:
            StoreError: the database cannot be written.
        """
        with self.connections.writing() as connection:
            runs, damaged = recover(connection)
        self.metrics.catch_up([run.id for run in self.runs.list()])
        return describe_restored(runs, damaged)

    def backup(self, target: Path, points: int = 0) -> None:
        """Write a consistent copy while others read and write; ``target`` is replaced only when complete.

        Args:
            points: the most points of each curve in the copy; 0: all.

        Raises:
            UserError: ``target`` is the database itself or cannot be written.
        """
        if target.absolute() == self.path or (target.exists() and target.samefile(self.path)):
            raise UserError(f"backup: {target} is the database itself; choose another file")
        self.metrics.catch_up([run.id for run in self.runs.list()])
        try:
            with replace_file(target) as partial, self.connections.reading() as connection:
                connection.execute("PRAGMA query_only = OFF")
                connection.execute("VACUUM INTO ?", (str(partial),))
                connection.execute("PRAGMA query_only = ON")
                if points:
                    from engine.store.metrics import thin_curves

                    thin_curves(partial, points)
        except (OSError, sqlite3.Error, UserError) as error:
            raise UserError(full_message(error, target) or f"backup: cannot write {target}: {error}") from None
