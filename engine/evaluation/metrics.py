"""Classification metrics from targets and logits, in NumPy, so that pages need not import torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.catalog.metrics import class_metrics, computed_metrics, evaluation_metrics
from engine.store import Run
from engine.words import listed

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TOP5_CLASSES = 5
"""With at most this many classes, top-5 is always 1."""

_NAMED = 8


@dataclass(frozen=True, eq=False)
class Predictions:
    """A model's predictions for a split.

    Attributes:
        ids: int64 [N], position of each picture in the split.
        targets: int64 [N], true labels.
        logits: float32 [N, K], class scores before softmax.
    """

    ids: Ints
    targets: Ints
    logits: NDArray[np.float32]

    @property
    def classes(self) -> int:
        return int(self.logits.shape[1])

    @property
    def places(self) -> bytes:
        """Equal for two predictions of the same pictures in the same order, with the same truth."""
        return np.concatenate([self.ids, self.targets]).astype(np.int64).tobytes()

    def take(self, rows: Ints) -> Predictions:
        """Return the predictions of these pictures."""
        return Predictions(self.ids[rows], self.targets[rows], self.logits[rows])

    @cached_property
    def log_probabilities(self) -> Floats:
        """float64 [N, K], log-softmax of the logits."""
        shifted = self.logits.astype(np.float64)
        shifted -= shifted.max(axis=1, keepdims=True)
        normalised: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return normalised

    @cached_property
    def predicted(self) -> Ints:
        """int64 [N], class with the highest logit; the lowest label among equals."""
        found: Ints = self.logits.argmax(axis=1).astype(np.int64)
        return found

    @cached_property
    def confidence(self) -> Floats:
        """float64 [N], probability of the predicted class."""
        found: Floats = np.exp(self.log_probabilities[np.arange(len(self.ids)), self.predicted])
        return found

    @cached_property
    def losses(self) -> Floats:
        """float64 [N], cross-entropy of each picture in nats."""
        found: Floats = -self.log_probabilities[np.arange(len(self.ids)), self.targets]
        return found

    @cached_property
    def confusion(self) -> Ints:
        """int64 [K, K], rows true, columns predicted."""
        pairs = self.targets * self.classes + self.predicted
        counts: Ints = np.bincount(pairs, minlength=self.classes**2).astype(np.int64)
        return counts.reshape(self.classes, self.classes)

    def among(self, k: int) -> NDArray[np.bool_]:
        """Return whether each picture's true class is among the top k, bool [N]; ties go to the lower label."""
        order = np.argsort(-self.logits, axis=1, kind="stable")[:, :k]
        found: NDArray[np.bool_] = (order == self.targets[:, None]).any(axis=1)
        return found


def summary(predictions: Predictions) -> dict[str, float]:
    """Return the metrics of :mod:`engine.catalog.metrics` for a split, without undefined ones."""
    values = {key: float(row.evaluate(predictions)) for key, row in computed_metrics("classification").items()}
    found = {key: values[key] if row.compute else 1 - values[row.complement]
             for key, row in evaluation_metrics("classification").items()}
    return {key: value for key, value in found.items() if not np.isnan(value)}


def figures_of_task(of: Run | str, predictions: Any) -> dict[str, float]:
    """Compute the metrics with the name of a run's task, or of a task, without undefined ones; ``figures`` of a task.
    """
    task = of if isinstance(of, str) else of.task
    values = {key: float(row.evaluate(predictions)) for key, row in computed_metrics(task).items()}
    return {key: value for key, value in values.items() if not np.isnan(value)}


def per_class(predictions: Any, task: str = "classification") -> dict[str, Floats]:
    """Return each per-class metric of a task by key: float64 [K], NaN if undefined."""
    return {key: np.asarray(row.evaluate(predictions), np.float64) for key, row in class_metrics(task).items()}


def support(predictions: Predictions) -> Ints:
    counts: Ints = predictions.confusion.sum(axis=1)
    return counts


def precision(predictions: Predictions) -> Floats:
    confusion = predictions.confusion
    return _ratio(confusion.diagonal(), confusion.sum(axis=0))


def recall(predictions: Predictions) -> Floats:
    return _ratio(predictions.confusion.diagonal(), support(predictions))


def f1(predictions: Predictions) -> Floats:
    confusion = predictions.confusion
    return _ratio(2 * confusion.diagonal(), confusion.sum(axis=0) + confusion.sum(axis=1))


def specificity(predictions: Predictions) -> Floats:
    """Return the share of other classes' pictures not predicted as this class; NaN without any."""
    confusion = predictions.confusion
    others = confusion.sum() - support(predictions)
    return _ratio(others - (confusion.sum(axis=0) - confusion.diagonal()), others, nothing=np.nan)


def top5_of_classes(predictions: Predictions) -> Floats:
    if predictions.classes <= TOP5_CLASSES:
        return np.full(predictions.classes, np.nan)
    return _mean_of_classes(predictions, predictions.among(5))


def cross_entropy_of_classes(predictions: Predictions) -> Floats:
    return _mean_of_classes(predictions, predictions.losses)


def hits(predictions: Predictions) -> Floats:
    """Return 1 for each correct picture, else 0: float64 [N]."""
    found: Floats = (predictions.predicted == predictions.targets).astype(np.float64)
    return found


def hits_of_five(predictions: Predictions) -> Floats:
    """Return 1 for each picture whose true class is among the top five, else 0: float64 [N]."""
    return predictions.among(5).astype(np.float64)


def losses(predictions: Predictions) -> Floats:
    return predictions.losses


def top1(predictions: Predictions) -> float:
    return float(hits(predictions).mean())


def top5(predictions: Predictions) -> float:
    """Return top-5 accuracy; NaN if it is always 1."""
    return float(hits_of_five(predictions).mean()) if predictions.classes > TOP5_CLASSES else math.nan


def cross_entropy(predictions: Predictions) -> float:
    return float(losses(predictions).mean())


def macro_precision(predictions: Predictions) -> float:
    return _macro(predictions, precision(predictions))


def macro_recall(predictions: Predictions) -> float:
    return _macro(predictions, recall(predictions))


def macro_f1(predictions: Predictions) -> float:
    return _macro(predictions, f1(predictions))


def f1_of_means(predictions: Predictions) -> float:
    of_precision, of_recall = macro_precision(predictions), macro_recall(predictions)
    return 2 * of_precision * of_recall / (of_precision + of_recall) if of_precision + of_recall else 0.0


def balanced_accuracy(predictions: Predictions) -> float:
    return float(recall(predictions)[support(predictions) > 0].mean())


def kappa(predictions: Predictions) -> float:
    """Return Cohen's kappa; NaN if all pictures have one class and are predicted as it."""
    pictures, right, by_chance = _agreement(predictions)
    return 1 - (pictures - right) / (pictures - by_chance) if by_chance < pictures else math.nan


def matthews_correlation(predictions: Predictions) -> float:
    """Return Matthews' correlation; 0, as in scikit-learn, if there is one class or one predicted class."""
    pictures, right, by_chance = _agreement(predictions)
    confusion = predictions.confusion
    spread = math.sqrt(math.prod(float(pictures**2 - (confusion.sum(axis=axis) ** 2).sum()) for axis in (0, 1)))
    return pictures * (right - by_chance) / spread if spread else 0.0


def remarks(predictions: Predictions, classes: Sequence[str]) -> list[str]:
    """Return remarks for the reader: an undefined top-5, and classes without pictures."""
    found = []
    if predictions.classes <= TOP5_CLASSES:
        found.append(f"Top-5 is not shown: with {predictions.classes} classes it is always 1.")
    absent = [classes[int(label)] for label in np.flatnonzero(predictions.confusion.sum(axis=1) == 0)]
    if absent:
        found.append(f"No pictures of {listed(absent, _NAMED)}: recall is undefined there, and counts as 0 in the "
                     "means over classes if any picture is predicted as such a class.")
    return found


def _agreement(predictions: Predictions) -> tuple[int, int, float]:
    """Return the number of pictures, of correct ones, and of correct ones expected by chance."""
    confusion = predictions.confusion
    pictures = int(confusion.sum())
    return pictures, int(confusion.trace()), int(confusion.sum(axis=0) @ confusion.sum(axis=1)) / pictures


def _macro(predictions: Predictions, of_classes: Floats) -> float:
    """Return the mean over classes that have pictures or predictions, as in scikit-learn."""
    confusion = predictions.confusion
    return float(of_classes[confusion.sum(axis=0) + confusion.sum(axis=1) > 0].mean())


def _mean_of_classes(predictions: Predictions, values: NDArray[Any]) -> Floats:
    """Return the mean over each class's pictures, NaN without any."""
    totals = np.bincount(predictions.targets, weights=values, minlength=predictions.classes)
    return _ratio(totals, support(predictions), nothing=np.nan)


def _ratio(above: NDArray[Any], below: Ints, nothing: float = 0.0) -> Floats:
    """Divide, with ``nothing`` where the denominator is 0."""
    ratios: Floats = np.divide(above, below, out=np.full(len(above), nothing), where=below > 0)
    return ratios
