"""Classification metrics from targets and logits alone, in NumPy, so that no page has to import torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TOP5_CLASSES = 5
"""With so many classes or fewer, top-5 is 1 whatever the model says."""

METRICS: dict[str, str] = {
    "top1": "Share of pictures whose likeliest class is the true one (accuracy).",
    "top1_error": "1 − top-1.",
    "top5": "Share of pictures whose true class is among the five likeliest.",
    "top5_error": "1 − top-5.",
    "loss": "Mean cross-entropy in nats; also rewards being surely right and punishes being surely wrong.",
    "macro_precision": "Of the pictures taken for a class, the share that are of it; mean over classes.",
    "macro_recall": "Of the pictures of a class, the share recognised; mean over classes.",
    "macro_f1": "Mean of the classes' F1: a class with poor precision or recall pulls it down, whichever it is.",
    "f1_of_means": "Harmonic mean of the macro precision and macro recall above: one class's precision can make up for "
                   "another's recall, so it is never below the mean of F1.",
    "ece": "Expected calibration error: how far confidence is from the share that is right, over 15 bins of it.",
}
"""What :func:`summary` says, each in one sentence."""

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
    """The figures of :data:`METRICS`; top-5 and its error are left out where they mean nothing.

    As in scikit-learn, a class with neither pictures nor predictions is left out of the macro means.
    """
    rows = per_class(predictions.confusion)
    present = (predictions.confusion.sum(axis=0) + predictions.confusion.sum(axis=1)) > 0
    precision, recall = float(rows.precision[present].mean()), float(rows.recall[present].mean())
    top1, top5 = predictions.top(1), predictions.top(5)
    of_five = {"top5": top5, "top5_error": 1 - top5} if predictions.classes > TOP5_CLASSES else {}
    return {
        "top1": top1, "top1_error": 1 - top1, **of_five, "loss": float(predictions.losses.mean()),
        "macro_precision": precision, "macro_recall": recall, "macro_f1": float(rows.f1[present].mean()),
        "f1_of_means": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        "ece": expected_calibration_error(predictions),
    }


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


def _ratio(above: NDArray[Any], below: Floats | Ints) -> Floats:
    ratios: Floats = np.divide(above, below, out=np.zeros(len(above)), where=below > 0)
    return ratios
