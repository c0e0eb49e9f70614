"""What happened to a run, or to the store itself, and when."""

import time
from dataclasses import dataclass

from engine.store.connect import Connections


@dataclass(frozen=True)
class Event:
    """``run_id`` is None for what concerns the whole store; ``created_at`` is in unix seconds."""

    run_id: int | None
    kind: str
    message: str
    created_at: float


class Events:
    """The events of one store."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def add(self, run_id: int | None, kind: str, message: str) -> None:
        with self._connections.writing() as connection:
            connection.execute("INSERT INTO events (run_id, kind, message, created_at) VALUES (?, ?, ?, ?)",
                               (run_id, kind, message, time.time()))

    def of(self, run_id: int | None) -> list[Event]:
        """A run's events, oldest first; those of the store itself for None."""
        with self._connections.reading() as connection:
            rows = connection.execute("SELECT run_id, kind, message, created_at FROM events WHERE run_id IS ? "
                                      "ORDER BY id", (run_id,)).fetchall()
        return [Event(*row) for row in rows]
