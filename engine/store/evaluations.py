"""Results of a checkpoint on a split, and where its predictions are."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.store.connect import Connections


@dataclass(frozen=True)
class Evaluation:
    """``metrics`` by name (accuracies as fractions, NaN allowed); ``sha256`` is of the predictions file."""

    run_id: int
    checkpoint: str
    split: str
    metrics: dict[str, float]
    predictions: Path
    sha256: str
    created_at: float


class Evaluations:
    """The evaluations of one store: one for each run, checkpoint and split."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def add(self, run_id: int, checkpoint: str, split: str, metrics: Mapping[str, float], predictions: Path,
            sha256: str) -> None:
        """Store a result; it replaces an earlier one of the same checkpoint and split."""
        numbers = {name: float(value) for name, value in metrics.items()}
        document = json.dumps({name: value if math.isfinite(value) else None for name, value in numbers.items()})
        with self._connections.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO evaluations (run_id, checkpoint, split, metrics, predictions, sha256, "
                "created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (run_id, checkpoint, split, document, str(predictions), sha256, time.time()))
            connection.execute("UPDATE runs SET revision = revision + 1 WHERE id = ?", (run_id,))

    def of(self, run_id: int) -> list[Evaluation]:
        """A run's evaluations, oldest first."""
        with self._connections.reading() as connection:
            rows = connection.execute("SELECT run_id, checkpoint, split, metrics, predictions, sha256, created_at "
                                      "FROM evaluations WHERE run_id = ? ORDER BY id", (run_id,)).fetchall()
        return [Evaluation(run_id=row[0], checkpoint=row[1], split=row[2], metrics=_numbers(row[3]),
                           predictions=Path(row[4]), sha256=row[5], created_at=row[6]) for row in rows]


def _numbers(document: str) -> dict[str, float]:
    return {name: math.nan if value is None else value for name, value in json.loads(document).items()}
