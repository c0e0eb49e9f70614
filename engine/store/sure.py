"""What the doctor is sure of in runs that still train: kept as events, so that a run's history tells it too."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass

from engine.store.connect import Connections
from engine.store.events import Events

KIND = "doctor"
_TOLD = re.compile(r"(no longer )?sure of ([\w-]+) after epoch (\d+)(?:: (.*))?", re.DOTALL)


@dataclass(frozen=True)
class Sure:
    """``rule`` is the name of the doctor's rule, ``epoch`` the one (from 1) after which it was sure."""

    run_id: int
    rule: str
    epoch: int
    message: str


class SureFindings:
    """What the doctor is sure of, by run, in one store."""

    def __init__(self, connections: Connections, events: Events) -> None:
        self._connections, self._events = connections, events

    def put(self, sure: Sure) -> None:
        """Keep that the doctor is sure of this from now on."""
        self._events.add(sure.run_id, KIND, f"sure of {sure.rule} after epoch {sure.epoch}: {sure.message}")

    def withdraw(self, run_id: int, rule: str, epoch: int) -> None:
        """Keep that it is no longer sure of this."""
        self._events.add(run_id, KIND, f"no longer sure of {rule} after epoch {epoch}")

    def of(self, run_ids: Collection[int]) -> dict[int, list[Sure]]:
        """Return what the doctor is still sure of, oldest first, by the runs that have anything."""
        with self._connections.reading() as connection:
            rows = connection.execute(
                "SELECT run_id, message FROM events WHERE kind = ? AND run_id IN (SELECT value FROM json_each(?)) "
                "ORDER BY id", (KIND, json.dumps([*run_ids]))).fetchall()
        found: dict[int, dict[str, Sure]] = {}
        for run_id, message in rows:
            told = _TOLD.fullmatch(message)
            if told is None:
                continue
            over, rule, epoch, what = told.groups()
            of_run = found.setdefault(run_id, {})
            of_run.pop(rule, None)
            if not over:
                of_run[rule] = Sure(run_id, rule, int(epoch), what or "")
        return {run_id: [*rules.values()] for run_id, rules in found.items() if rules}

