"""Classification metrics from targets and logits alone, in NumPy, so that no page has to import torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model said of a split.

    Attributes:
        ids: int64 [N], each picture's position in the split.
        targets: int64 [N], true labels.
        logits: float32 [N, K], class scores before softmax.
    """

    ids: Ints
    targets: Ints
    logits: NDArray[np.float32]

    @property
    def classes(self) -> int:
        return int(self.logits.shape[1])

    @cached_property
    def log_probabilities(self) -> Floats:
        """float64 [N, K], log-softmax of the logits."""
        shifted = self.logits.astype(np.float64)
        shifted -= shifted.max(axis=1, keepdims=True)
        normalised: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return normalised

    @cached_property
    def predicted(self) -> Ints:
        """int64 [N], the class of the highest logit; the lowest label among equals."""
        found: Ints = self.logits.argmax(axis=1).astype(np.int64)
        return found

    @cached_property
    def confidence(self) -> Floats:
        """float64 [N], probability given to the predicted class."""
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

    def top(self, k: int) -> float:
        """Share of pictures whose true class is among the k highest; ties go to the lower label."""
        k = min(k, self.classes)
        order = np.argsort(-self.logits, axis=1, kind="stable")[:, :k]
        return float((order == self.targets[:, None]).any(axis=1).mean())


@dataclass(frozen=True, eq=False)
class PerClass:
    """Each class's support (int64 [K]) and precision, recall and F1 (float64 [K], 0 where nothing divides)."""

    support: Ints
    precision: Floats
    recall: Floats
    f1: Floats


def per_class(confusion: Ints) -> PerClass:
    """Precision, recall and F1 of each class, 0 where nothing divides, as scikit-learn's ``zero_division=0``."""
    hits = confusion.diagonal().astype(np.float64)
    support, predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    return PerClass(support, _ratio(hits, predicted), _ratio(hits, support), _ratio(2 * hits, support + predicted))


def summary(predictions: Predictions) -> dict[str, float]:
    """Top-1, top-5, loss, and macro precision, recall and F1 (the mean of the per-class F1).

    As in scikit-learn, a class with neither pictures nor predictions is left out of the macro means.
    """
    rows = per_class(predictions.confusion)
    present = (predictions.confusion.sum(axis=0) + predictions.confusion.sum(axis=1)) > 0
    return {
        "top1": predictions.top(1), "top5": predictions.top(5), "loss": float(predictions.losses.mean()),
        "macro_precision": float(rows.precision[present].mean()), "macro_recall": float(rows.recall[present].mean()),
        "macro_f1": float(rows.f1[present].mean()),
    }


def _ratio(above: Floats, below: Floats | Ints) -> Floats:
    return np.divide(above, below, out=np.zeros(len(above)), where=below > 0)
