"""Results of a checkpoint on a split, and where its predictions are."""

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
    """Which weights were evaluated, on what, and how.

    Attributes:
        checkpoint: ``best``, ``last``, or an epoch's as ``epoch-0003``.
        split: ``test`` or ``val``.
        tta: a name of :data:`engine.catalog.choices.TTA`.
        scales: sides Q in pixels that were averaged over, ascending; empty: the run's own.
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
    """``metrics`` by name (accuracies as fractions, NaN allowed); ``sha256`` is of the predictions file.

    ``weights`` names the checkpoint's folder (``epoch-0003``), so that a ``best`` which has moved on since is noticed;
    empty when not recorded. ``asked``: the test of this checkpoint that the run's config asks for.
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
        """The epoch after which the weights were saved; None when not recorded, or saved within one."""
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
        """As :meth:`put`, of a checkpoint evaluated plainly on a split of the run's own data set."""
        self.put(run_id, Conditions(checkpoint, split), metrics, predictions, sha256)

    def put(self, run_id: int, conditions: Conditions, metrics: Mapping[str, float], predictions: Path, sha256: str, *,
            weights: str = "", asked: bool = True) -> None:
        """Store a result; it replaces an earlier one under the same conditions. Arguments as in :class:`Evaluation`.

        Of predictions in the run's folder the row keeps the place within it, so that a home may be moved.
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
        """A run's evaluations, oldest first."""
        with self._connections.reading() as connection:
            rows = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM evaluations WHERE run_id = ? ORDER BY id",
                                      (run_id,)).fetchall()
        return [_evaluation(row) for row in rows]

    def of_tests(self, run_ids: Sequence[int]) -> dict[int, Evaluation]:
        """By run, the test that its config asks for: of its best checkpoint, else of its last."""
        marks = ", ".join("?" * len(run_ids))
        with self._connections.reading() as connection:
            rows = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM evaluations WHERE run_id IN ({marks}) AND "
                                      "split = 'test' AND asked AND checkpoint IN ('best', 'last') "
                                      "ORDER BY checkpoint DESC", list(run_ids)).fetchall()
        return {found.run_id: found for found in map(_evaluation, rows)}

    def find(self, run_id: int, conditions: Conditions) -> Evaluation | None:
        """The evaluation under exactly these conditions."""
        return next((found for found in self.of(run_id) if found.conditions == conditions), None)


def _evaluation(row: sqlite3.Row) -> Evaluation:
    run_id, checkpoint, split, tta, scales, dataset, data_path, metrics, predictions, *rest = row
    sha256, created_at, weights, asked = rest
    averaged = tuple(int(scale) for scale in scales.split("+") if scale)
    return Evaluation(run_id, Conditions(checkpoint, split, tta, averaged, dataset, data_path), _numbers(metrics),
                      _placed(run_id, Path(predictions)), sha256, created_at, weights, bool(asked))


def _placed(run_id: int, path: Path) -> Path:
    """Where a file of predictions is now; earlier versions stored the whole path, which a moved home has left."""
    folder = run_dir(run_id)
    return folder / (path.name if path.parent.name == folder.name else path)


def _numbers(document: str) -> dict[str, float]:
    return {name: math.nan if value is None else value for name, value in json.loads(document).items()}
