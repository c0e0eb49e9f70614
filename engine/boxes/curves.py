"""Precision–recall curves and average precision as in COCO's evaluation, in NumPy."""

import math
from dataclasses import dataclass

import numpy as np

from engine.boxes.arrays import Annotations, Bools, Detections, Floats, Ints, select
from engine.boxes.iou import Overlaps
from engine.boxes.matching import NO_MATCH, Pairs, find_pairs, match
from engine.boxes.metrics import MAX_DETECTIONS, OVERLAPS, RECALLS


@dataclass(frozen=True, eq=False)
class Curve:
    """The detections of one class, highest score first.

    Attributes:
        scores: float32 [n], descending.
        right: bool [n], whether each is a true positive.
        objects: number of objects to find.
    """

    scores: Floats
    right: Bools
    objects: int

    @property
    def recall(self) -> Overlaps:
        """float64 [n], recall at the score of each detection."""
        found: Overlaps = np.cumsum(self.right) / max(self.objects, 1)
        return found

    @property
    def precision(self) -> Overlaps:
        """float64 [n], precision at the score of each detection."""
        found: Overlaps = np.cumsum(self.right) / np.arange(1, len(self.right) + 1)
        return found

    @property
    def envelope(self) -> Overlaps:
        """float64 [101], the best precision at recall 0, 0.01 … 1 or more; 0 where that recall is not reached."""
        best = np.maximum.accumulate(self.precision[::-1])[::-1]
        found: Overlaps = np.append(best, 0.0)[np.searchsorted(self.recall, RECALLS)]
        return found

    @property
    def average_precision(self) -> float:
        """Area under the envelope; NaN without objects."""
        counted = (np.flatnonzero(self.right) + 1).astype(np.float64)[:, None]
        hits = np.arange(1, len(counted) + 1, dtype=np.float64)[:, None]
        return float(average_precisions(hits, counted, np.array([self.objects], np.float64))[0])

    def at(self, score: float) -> tuple[float, float]:
        """Return recall and precision of the detections with at least this score; NaN if undefined."""
        count = int(np.searchsorted(-self.scores, -np.float32(score), side="right"))
        hits = int(self.right[:count].sum())
        return hits / self.objects if self.objects else math.nan, hits / count if count else math.nan


def average_precisions(hits: Overlaps, counted: Overlaps, objects: Overlaps) -> Overlaps:
    """Return COCO's average precision under each of B weightings: the mean over 101 recalls of the best precision at
    that recall or more. float64 [B], NaN without objects.

    Args:
        hits, counted: float64 [n, B], how many true positives, and detections, there are up to each true positive.
        objects: float64 [B], how many objects there are to find.
    """
    precision = np.divide(hits, counted, out=np.zeros_like(hits), where=counted > 0)
    envelope = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
    reached = np.searchsorted(RECALLS, hits / np.maximum(objects, 1), side="right")
    total = (envelope * np.diff(reached, axis=0, prepend=0)).sum(axis=0) / len(RECALLS)
    return np.where(objects > 0, total, np.nan)


@dataclass(frozen=True, eq=False)
class RankedDetections:
    """Detections of every score, matched with the ground truth at any IoU.

    Attributes:
        detections: at most :data:`MAX_DETECTIONS` of each class in a picture, after suppression.
    """

    detections: Detections
    truth: Annotations
    pairs: Pairs

    def curves(self, classes: int, overlap: float) -> list[Curve]:
        """Return each class's curve, where a match needs an IoU of ``overlap`` or more."""
        finds = match(self.pairs, self.detections, self.truth, overlap)
        right = finds != NO_MATCH
        judged = ~right
        judged[right] = ~self.truth.difficult[finds[right]]
        order = np.argsort(-self.detections.scores, kind="stable")
        order = order[judged[order]]
        labels = self.detections.labels[order]
        objects = np.bincount(self.truth.labels[~self.truth.difficult], minlength=classes)
        return [Curve(self.detections.scores[rows], right[rows], int(objects[label]))
                for label, rows in enumerate(order[labels == label] for label in range(classes))]

    def average_precisions(self, classes: int) -> Overlaps:
        """Return each class's average precision, averaged over :data:`OVERLAPS`: float64 [K], NaN without objects."""
        found = [[curve.average_precision for curve in self.curves(classes, overlap)] for overlap in OVERLAPS.tolist()]
        return np.asarray(np.mean(found, axis=0))


def rank(detections: Detections, truth: Annotations) -> RankedDetections:
    """Keep the best detections of each class in a picture and pair them with the ground truth."""
    best = select(detections, _rank_in_class(detections) < MAX_DETECTIONS)
    return RankedDetections(best, truth, find_pairs(best, truth))


def _rank_in_class(detections: Detections) -> Ints:
    """Return each detection's rank, from 0, within its class and picture."""
    order = np.lexsort((detections.labels, detections.picture))
    group = detections.picture[order] * (int(detections.labels.max(initial=0)) + 1) + detections.labels[order]
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order)) - np.searchsorted(group, group)
    return ranks
