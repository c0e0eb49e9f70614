"""Acknowledged findings of runs, with the given reason."""

import time
from collections.abc import Collection
from dataclasses import dataclass

from engine.store.connect import Connections
from engine.store.mirror import keep_run


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
