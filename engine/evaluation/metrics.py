"""Classification metrics from targets and logits alone, in NumPy, so that no page has to import torch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.catalog.metrics import CLASS_METRICS, computed, of_tests

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TOP5_CLASSES = 5
"""With so many classes or fewer, top-5 is 1 whatever the model says."""

_NAMED = 8


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

    def among(self, k: int) -> NDArray[np.bool_]:
        """bool [N], whether a picture's true class is among the k highest; ties go to the lower label."""
        order = np.argsort(-self.logits, axis=1, kind="stable")[:, :k]
        found: NDArray[np.bool_] = (order == self.targets[:, None]).any(axis=1)
        return found


def summary(predictions: Predictions) -> dict[str, float]:
    """The metrics of :mod:`engine.catalog.metrics` for a split; those that mean nothing are left out."""
    values = {key: float(row.of(predictions)) for key, row in computed("classification").items()}
    found = {key: values[key] if row.compute else 1 - values[row.complement]
             for key, row in of_tests("classification").items()}
    return {key: value for key, value in found.items() if not np.isnan(value)}


def per_class(predictions: Predictions) -> dict[str, Floats]:
    """Each metric of a class, by key: float64 [K], NaN where it means nothing."""
    return {key: np.asarray(row.of(predictions), np.float64) for key, row in CLASS_METRICS.items()
            if row.task == "classification"}


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
    """Of other classes' pictures the share not taken for this one; NaN where there are none."""
    confusion = predictions.confusion
    others = confusion.sum() - support(predictions)
    return _ratio(others - (confusion.sum(axis=0) - confusion.diagonal()), others, nothing=np.nan)


def top5_of_classes(predictions: Predictions) -> Floats:
    if predictions.classes <= TOP5_CLASSES:
        return np.full(predictions.classes, np.nan)
    return _mean_of_classes(predictions, predictions.among(5))


def cross_entropy_of_classes(predictions: Predictions) -> Floats:
    return _mean_of_classes(predictions, predictions.losses)


def top1(predictions: Predictions) -> float:
    return float((predictions.predicted == predictions.targets).mean())


def top5(predictions: Predictions) -> float:
    """NaN where it would be 1 whatever the model says."""
    return float(predictions.among(5).mean()) if predictions.classes > TOP5_CLASSES else math.nan


def cross_entropy(predictions: Predictions) -> float:
    return float(predictions.losses.mean())


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
    """NaN where all pictures are of one class and taken for it: chance would do as well."""
    pictures, right, by_chance = _agreement(predictions)
    return 1 - (pictures - right) / (pictures - by_chance) if by_chance < pictures else math.nan


def matthews_correlation(predictions: Predictions) -> float:
    """0, as in scikit-learn, where all pictures are of one class, or all are taken for one."""
    pictures, right, by_chance = _agreement(predictions)
    confusion = predictions.confusion
    spread = math.sqrt(math.prod(float(pictures**2 - (confusion.sum(axis=axis) ** 2).sum()) for axis in (0, 1)))
    return pictures * (right - by_chance) / spread if spread else 0.0


def remarks(predictions: Predictions, classes: Sequence[str]) -> list[str]:
    """What a reader of the figures should know: a meaningless top-5, classes that have no pictures to be judged by."""
    found = []
    if predictions.classes <= TOP5_CLASSES:
        found.append(f"Top-5 means nothing here: each of {predictions.classes} classes is among the five likeliest.")
    absent = [classes[int(label)] for label in np.flatnonzero(predictions.confusion.sum(axis=1) == 0)]
    if absent:
        named = ", ".join(absent[:_NAMED]) + (f" and {len(absent) - _NAMED} more" if len(absent) > _NAMED else "")
        found.append(f"No pictures of {named}: recall is not measured there, and counts as 0 in the means over classes "
                     "if any picture was taken for it.")
    return found


@dataclass(frozen=True, eq=False)
class Reliability:
    """Pictures by confidence, in equal-width bins from 0 to 1, the upper edge of each belonging to it.

    Attributes:
        edges: float64 [bins + 1].
        pictures: int64 [bins].
        confidence, accuracy: float64 [bins], means within each bin; 0 where a bin is empty.
    """

    edges: Floats
    pictures: Ints
    confidence: Floats
    accuracy: Floats

    @property
    def error(self) -> float:
        """Expected calibration error: |accuracy − confidence| averaged over pictures."""
        gaps = np.abs(self.accuracy - self.confidence) * self.pictures
        return float(gaps.sum() / max(int(self.pictures.sum()), 1))


def reliability(predictions: Predictions, bins: int = 15) -> Reliability:
    """How often predictions of each confidence are right (Guo et al., 2017, arXiv 1706.04599)."""
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, predictions.confidence, side="left") - 1, 0, bins - 1)
    right = (predictions.predicted == predictions.targets).astype(np.float64)
    pictures = np.bincount(place, minlength=bins).astype(np.int64)
    confidence = np.bincount(place, weights=predictions.confidence, minlength=bins)
    return Reliability(edges, pictures, _ratio(confidence, pictures),
                       _ratio(np.bincount(place, weights=right, minlength=bins), pictures))


def expected_calibration_error(predictions: Predictions, bins: int = 15) -> float:
    """ECE over equal-width bins of the predicted class's probability (Guo et al., 2017), 0–1."""
    return reliability(predictions, bins).error


def _agreement(predictions: Predictions) -> tuple[int, int, float]:
    """Pictures, those that are right, and how many would be if as many were taken for each class, but by chance."""
    confusion = predictions.confusion
    pictures = int(confusion.sum())
    return pictures, int(confusion.trace()), int(confusion.sum(axis=0) @ confusion.sum(axis=1)) / pictures


def _macro(predictions: Predictions, of_classes: Floats) -> float:
    """The mean over classes; as in scikit-learn, one with neither pictures nor predictions is left out."""
    confusion = predictions.confusion
    return float(of_classes[confusion.sum(axis=0) + confusion.sum(axis=1) > 0].mean())


def _mean_of_classes(predictions: Predictions, values: NDArray[Any]) -> Floats:
    """The mean over each class's pictures, NaN where it has none."""
    totals = np.bincount(predictions.targets, weights=values, minlength=predictions.classes)
    return _ratio(totals, support(predictions), nothing=np.nan)


def _ratio(above: NDArray[Any], below: Ints, nothing: float = 0.0) -> Floats:
    """``nothing`` where nothing divides."""
    ratios: Floats = np.divide(above, below, out=np.full(len(above), nothing), where=below > 0)
    return ratios
