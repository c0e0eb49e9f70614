"""Precision–recall curves and average precision, as COCO's evaluation computes them, in NumPy."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.boxes.arrays import Annotations, Bools, Detections, Floats, Ints, chosen
from engine.boxes.iou import Overlaps
from engine.boxes.matching import NOTHING, Pairs, matched, pairs_of
from engine.boxes.metrics import A_PICTURE, OVERLAPS, RECALLS


@dataclass(frozen=True, eq=False)
class Curve:
    """One class's judged detections, surest first.

    Attributes:
        scores: float32 [n], descending.
        right: bool [n].
        objects: how many there are to be found.
    """

    scores: Floats
    right: Bools
    objects: int

    @property
    def recall(self) -> Overlaps:
        """float64 [n], the share of objects found by a detection and all surer ones."""
        found: Overlaps = np.cumsum(self.right) / max(self.objects, 1)
        return found

    @property
    def precision(self) -> Overlaps:
        """float64 [n], the share of a detection and all surer ones that is right."""
        found: Overlaps = np.cumsum(self.right) / np.arange(1, len(self.right) + 1)
        return found

    @property
    def envelope(self) -> Overlaps:
        """float64 [101], at each recall of 0, 0.01 … 1 the best precision at that recall or more; 0 beyond them."""
        best = np.maximum.accumulate(self.precision[::-1])[::-1]
        found: Overlaps = np.append(best, 0.0)[np.searchsorted(self.recall, RECALLS)]
        return found

    @property
    def average_precision(self) -> float:
        """The area under the envelope; NaN where there is nothing to find."""
        return float(self.envelope.mean()) if self.objects else math.nan

    def at(self, score: float) -> tuple[float, float]:
        """Recall and precision of the detections with that score or more; NaN where nothing divides."""
        count = int(np.searchsorted(-self.scores, -np.float32(score), side="right"))
        hits = int(self.right[:count].sum())
        return hits / self.objects if self.objects else math.nan, hits / count if count else math.nan


@dataclass(frozen=True, eq=False)
class Ranked:
    """Detections, of every score, that are compared with the ground truth at any overlap.

    Attributes:
        detections: the best hundred of each class in a picture; suppression has been applied.
    """

    detections: Detections
    truth: Annotations
    pairs: Pairs

    def curves(self, classes: int, overlap: float) -> list[Curve]:
        """Each class's curve where an IoU of ``overlap`` is enough."""
        finds = matched(self.pairs, self.detections, self.truth, overlap)
        right = finds != NOTHING
        judged = ~right
        judged[right] = ~self.truth.difficult[finds[right]]
        order = np.argsort(-self.detections.scores, kind="stable")
        order = order[judged[order]]
        labels = self.detections.labels[order]
        objects = np.bincount(self.truth.labels[~self.truth.difficult], minlength=classes)
        return [Curve(self.detections.scores[rows], right[rows], int(objects[label]))
                for label, rows in enumerate(order[labels == label] for label in range(classes))]

    def average_precisions(self, classes: int, overlaps: Iterable[float] = OVERLAPS.tolist()) -> Overlaps:
        """Each class's average precision, mean over ``overlaps``: float64 [K], NaN where there is nothing to find."""
        found = [[curve.average_precision for curve in self.curves(classes, overlap)] for overlap in overlaps]
        return np.asarray(np.mean(found, axis=0))


def ranked(detections: Detections, truth: Annotations) -> Ranked:
    """What curves are made from; suppression has been applied to the detections."""
    best = chosen(detections, _rank(detections) < A_PICTURE)
    return Ranked(best, truth, pairs_of(best, truth))


def _rank(detections: Detections) -> Ints:
    """Each detection's place, from 0, among those of its class in its picture."""
    order = np.lexsort((detections.labels, detections.picture))
    group = detections.picture[order] * (int(detections.labels.max(initial=0)) + 1) + detections.labels[order]
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order)) - np.searchsorted(group, group)
    return ranks
