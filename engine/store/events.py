"""Events of runs and of the store itself: what happened, when, in words."""

import time
from dataclasses import dataclass

from engine.store.connect import Connections


@dataclass(frozen=True)
class Event:
    """An event; ``run_id`` is None for events of the store itself, ``created_at`` is in unix seconds."""

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
        """Return a run's events, oldest first; None: those of the store itself."""
        with self._connections.reading() as connection:
            rows = connection.execute("SELECT run_id, kind, message, created_at FROM events WHERE run_id IS ? "
                                      "ORDER BY id", (run_id,)).fetchall()
        return [Event(*row) for row in rows]
