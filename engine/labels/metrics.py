"""Metrics of pictures with any number of classes, of all pictures and, by the infinitesimal jackknife, of each.

Classes that no picture has, or for F1 and precision none is predicted to have either, are undefined and left out of
means over classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.labels.predictions import LabelPredictions
from engine.labels.ranking import Floats, average_precision, influence
from engine.labels.targets import Bools, Ints, class_counts
from engine.words import listed

_NAMED = 8


def support(predictions: LabelPredictions) -> Ints:
    return class_counts(predictions.targets, predictions.classes)


def thresholds(predictions: LabelPredictions) -> Floats:
    return predictions.thresholds


def average_precisions(predictions: LabelPredictions) -> Floats:
    """Return the average precision of each class, NaN of one that no picture has."""
    return class_average_precisions(predictions.targets, predictions.logits)


def class_average_precisions(targets: Ints, scores: NDArray[np.floating]) -> Floats:
    """Return the average precision of each class from [N, K] targets and scores."""
    return np.array([average_precision(right > 0, column) for right, column in zip(targets.T, scores.T, strict=True)])


def mean_of_defined(values: Floats) -> float:
    """Return the mean without NaN; NaN if there is nothing else."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def precision(predictions: LabelPredictions) -> Floats:
    return macro_precision.of_classes(predictions)


def recall(predictions: LabelPredictions) -> Floats:
    return macro_recall.of_classes(predictions)


def f1(predictions: LabelPredictions) -> Floats:
    return macro_f1.of_classes(predictions)


def mean_average_precision(predictions: LabelPredictions) -> float:
    return mean_of_defined(average_precisions(predictions))


def mean_average_precision_by_picture(predictions: LabelPredictions) -> Floats:
    moved = [influence(right > 0, column) for right, column in
             zip(predictions.targets.T, predictions.logits.T, strict=True) if right.any()]
    return _by_picture(mean_average_precision(predictions), moved, len(predictions.ids))


def micro_average_precision(predictions: LabelPredictions) -> float:
    return average_precision(predictions.targets.ravel() > 0, predictions.logits.ravel())


def micro_average_precision_by_picture(predictions: LabelPredictions) -> Floats:
    moved = influence(predictions.targets.ravel() > 0, predictions.logits.ravel())
    return _by_picture(micro_average_precision(predictions), [moved.reshape(predictions.targets.shape).sum(axis=1)],
                       len(predictions.ids))


@dataclass(frozen=True)
class Ratio:
    """A ratio of counts of right, added and missed classes.

    Attributes:
        above, below: how often each of the three counts.
        micro: counted over all classes together; else the mean over classes.
    """

    above: tuple[int, int, int]
    below: tuple[int, int, int]
    micro: bool = False

    def of_classes(self, predictions: LabelPredictions) -> Floats:
        """Return the ratio of each class; NaN where it is undefined."""
        above, below = (each.sum(axis=0) for each in self._parts(predictions))
        found: Floats = np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
        return found

    def __call__(self, predictions: LabelPredictions) -> float:
        if not self.micro:
            return mean_of_defined(self.of_classes(predictions))
        above, below = (float(each.sum()) for each in self._parts(predictions))
        return above / below if below else float("nan")

    def by_picture(self, predictions: LabelPredictions) -> Floats:
        above, below = self._parts(predictions)
        if self.micro:
            above, below = above.sum(axis=1, keepdims=True), below.sum(axis=1, keepdims=True)
        defined = below.sum(axis=0) > 0
        above, below = above[:, defined], below[:, defined]
        total = below.sum(axis=0)
        moved = (above - above.sum(axis=0) / total * below) / total
        return _by_picture(self(predictions), list(moved.T), len(predictions.ids))

    def _parts(self, predictions: LabelPredictions) -> tuple[Ints, Ints]:
        """Return numerator and denominator of each picture and class: int64 [N, K]."""
        there, predicted = predictions.targets > 0, predictions.predicted
        counts: Sequence[Bools] = there & predicted, ~there & predicted, there & ~predicted
        above, below = (np.sum([factor * count.astype(np.int64) for factor, count in zip(factors, counts, strict=True)],
                               axis=0) for factors in (self.above, self.below))
        return above, below


macro_f1, micro_f1 = Ratio((2, 0, 0), (2, 1, 1)), Ratio((2, 0, 0), (2, 1, 1), micro=True)
macro_precision, macro_recall = Ratio((1, 0, 0), (1, 1, 0)), Ratio((1, 0, 0), (1, 0, 1))


def all_right(predictions: LabelPredictions) -> Floats:
    """Return 1 for each picture with exactly its classes, else 0: float64 [N]."""
    found: Floats = 1.0 - predictions.wrong.max(axis=1)
    return found


def share_wrong(predictions: LabelPredictions) -> Floats:
    """Return the share of the classes that are missed or added in each picture: float64 [N]."""
    found: Floats = predictions.wrong.astype(np.float64).mean(axis=1)
    return found


def losses(predictions: LabelPredictions) -> Floats:
    return predictions.losses


def exact_match(predictions: LabelPredictions) -> float:
    return float(all_right(predictions).mean())


def hamming_loss(predictions: LabelPredictions) -> float:
    return float(share_wrong(predictions).mean())


def cross_entropy(predictions: LabelPredictions) -> float:
    return float(losses(predictions).mean())


def remarks(predictions: LabelPredictions, classes: Sequence[str]) -> list[str]:
    """Return remarks for the reader, in sentences."""
    absent = [classes[int(label)] for label in np.flatnonzero(support(predictions) == 0)]
    return [f"No picture has {listed(absent, _NAMED)}: the average precision is undefined there and left out of the "
            "mean."] if absent else []


def _by_picture(whole: float, moved: Sequence[Floats], pictures: int) -> Floats:
    """Return float64 [N], the metric plus N times its derivative by the weight of each picture (Efron, 1982, The
    Jackknife, the Bootstrap and Other Resampling Plans, chapter 6): their mean is the metric, and their variance over N
    that of the metric."""
    found: Floats = np.full(pictures, whole) + pictures * np.stack(moved or [np.zeros(pictures)]).mean(axis=0)
    return found
