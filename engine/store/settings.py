"""Small JSON values by key: settings, and the cached costs of models."""

from __future__ import annotations

import json
from typing import Any

from engine.store.connect import Connections


class _KeyValue:
    def __init__(self, connections: Connections, table: str) -> None:
        self._connections = connections
        self._table = table

    def _read(self, key: str) -> list[Any]:
        with self._connections.reading() as connection:
            return [json.loads(row[0]) for row in connection.execute(
                f"SELECT value FROM {self._table} WHERE key = ?", (key,)).fetchall()]

    def _write(self, key: str, value: Any) -> None:
        with self._connections.writing() as connection:
            connection.execute(f"INSERT OR REPLACE INTO {self._table} (key, value) VALUES (?, ?)",
                               (key, json.dumps(value)))


class Settings(_KeyValue):
    """Settings shared by every process, such as ``cpu_slots``."""

    def __init__(self, connections: Connections) -> None:
        super().__init__(connections, "settings")

    def get(self, key: str, default: Any = None) -> Any:
        found = self._read(key)
        return found[0] if found else default

    def set(self, key: str, value: Any) -> None:
        """Store a JSON value."""
        self._write(key, value)


class Costs(_KeyValue):
    """Descriptions of models that took seconds to compute."""

    def __init__(self, connections: Connections) -> None:
        super().__init__(connections, "costs")

    def get(self, key: str) -> dict[str, Any] | None:
        found = self._read(key)
        return found[0] if found else None

    def put(self, key: str, cost: dict[str, Any]) -> None:
        self._write(key, cost)
