"""Evaluations: metrics of a checkpoint on a split, and the path of its predictions."""

import json
import math
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.home import run_dir
from engine.store.connect import Connections
from engine.store.mirror import keep_run


@dataclass(frozen=True)
class Conditions:
    """The conditions of an evaluation.

    Attributes:
        checkpoint: ``best``, ``last``, or an epoch such as ``epoch-0003``.
        split: ``test`` or ``val``.
        tta: a key of :data:`engine.catalog.choices.TTA`.
        scales: short sides in pixels that predictions are averaged over, ascending; empty: the run's own.
        dataset, data_path: another data set with the same classes; empty: the run's own.
    """

    checkpoint: str = "best"
    split: str = "test"
    tta: str = "none"
    scales: tuple[int, ...] = ()
    dataset: str = ""
    data_path: str = ""


@dataclass(frozen=True)
class Evaluation:
    """The result of an evaluation.

    ``metrics`` are by name, accuracies as fractions, possibly NaN; ``sha256`` is that of the predictions file.
    ``weights`` is the checkpoint's folder (``epoch-0003``), to notice that ``best`` has changed since; empty if not
    recorded. ``asked``: the run's config requests this test.
    """

    run_id: int
    conditions: Conditions
    metrics: dict[str, float]
    predictions: Path
    sha256: str
    created_at: float
    weights: str = ""
    asked: bool = True

    @property
    def checkpoint(self) -> str:
        return self.conditions.checkpoint

    @property
    def split(self) -> str:
        return self.conditions.split

    @property
    def epoch(self) -> int | None:
        """The epoch after which the weights were saved; None if unknown, or saved within an epoch."""
        kind, _, number = self.weights.partition("-")
        return int(number) if kind == "epoch" else None


_COLUMNS = ("run_id", "checkpoint", "split", "tta", "scales", "dataset", "data_path", "metrics", "predictions",
            "sha256", "created_at", "weights", "asked")


class Evaluations:
    """The evaluations of one store: one for each run and :class:`Conditions`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def add(self, run_id: int, checkpoint: str, split: str, metrics: Mapping[str, float], predictions: Path,
            sha256: str) -> None:
        """Store a result on the run's own data set without test-time augmentation, see :meth:`put`."""
        self.put(run_id, Conditions(checkpoint, split), metrics, predictions, sha256)

    def put(self, run_id: int, conditions: Conditions, metrics: Mapping[str, float], predictions: Path, sha256: str, *,
            weights: str = "", asked: bool = True) -> None:
        """Store a result, replacing an earlier one under the same conditions. For arguments see :class:`Evaluation`.

        The path of predictions in the run's folder is stored relative to it, so that a home can be moved.
        """
        folder = run_dir(run_id)
        place = predictions.relative_to(folder) if predictions.is_relative_to(folder) else predictions
        numbers = {name: float(value) for name, value in metrics.items()}
        document = json.dumps({name: value if math.isfinite(value) else None for name, value in numbers.items()})
        how = (conditions.checkpoint, conditions.split, conditions.tta, "+".join(map(str, conditions.scales)),
               conditions.dataset, conditions.data_path)
        values = (run_id, *how, document, str(place), sha256, time.time(), weights, asked)
        with self._connections.writing() as connection:
            connection.execute(f"INSERT OR REPLACE INTO evaluations ({', '.join(_COLUMNS)}) "
                               f"VALUES ({', '.join('?' * len(_COLUMNS))})", values)
            connection.execute("UPDATE runs SET revision = revision + 1 WHERE id = ?", (run_id,))
        keep_run(self._connections, run_id)

    def of(self, run_id: int) -> list[Evaluation]:
        """Return a run's evaluations, oldest first."""
        with self._connections.reading() as connection:
            rows = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM evaluations WHERE run_id = ? ORDER BY id",
                                      (run_id,)).fetchall()
        return [_evaluation(row) for row in rows]

    def of_tests(self, run_ids: Sequence[int]) -> dict[int, Evaluation]:
        """Return by run the test that its config requests, of the best checkpoint, else the last."""
        marks = ", ".join("?" * len(run_ids))
        with self._connections.reading() as connection:
            rows = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM evaluations WHERE run_id IN ({marks}) AND "
                                      "split = 'test' AND asked AND checkpoint IN ('best', 'last') "
                                      "ORDER BY checkpoint DESC", list(run_ids)).fetchall()
        return {found.run_id: found for found in map(_evaluation, rows)}

    def find(self, run_id: int, conditions: Conditions) -> Evaluation | None:
        """Return the evaluation under exactly these conditions, if any."""
        return next((found for found in self.of(run_id) if found.conditions == conditions), None)


def _evaluation(row: sqlite3.Row) -> Evaluation:
    run_id, checkpoint, split, tta, scales, dataset, data_path, metrics, predictions, *rest = row
    sha256, created_at, weights, asked = rest
    averaged = tuple(int(scale) for scale in scales.split("+") if scale)
    return Evaluation(run_id, Conditions(checkpoint, split, tta, averaged, dataset, data_path), _numbers(metrics),
                      _current_path(run_id, Path(predictions)), sha256, created_at, weights, bool(asked))


def _current_path(run_id: int, path: Path) -> Path:
    """Return the current path of a predictions file; earlier versions stored absolute paths."""
    folder = run_dir(run_id)
    return folder / (path.name if path.parent.name == folder.name else path)


def _numbers(document: str) -> dict[str, float]:
    return {name: math.nan if value is None else value for name, value in json.loads(document).items()}
