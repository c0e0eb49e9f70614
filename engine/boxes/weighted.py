"""Average precision with a weight for each picture: detections are matched once, then pictures are resampled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.boxes.arrays import Bools, Boxes, Ints
from engine.boxes.curves import RankedDetections, average_precisions
from engine.boxes.matching import NO_MATCH, match
from engine.boxes.metrics import OVERLAPS

Values = NDArray[np.float64]
AREAS = {"every": (0.0, math.inf), "small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, math.inf)}
"""COCO's ranges of an object's area in square pixels of the original picture, both ends included."""
SIZES = tuple(area for area in AREAS if area != "every")


@dataclass(frozen=True, eq=False)
class Hits:
    """The detections of one class, highest score first, at T IoU thresholds.

    Attributes:
        pictures: int64 [n], the picture of each detection.
        right, ignored: for each threshold, int64, the rows that are true positives, and those that do not count.
        objects: int64 [N], number of objects to find in each picture.
    """

    pictures: Ints
    right: tuple[Ints, ...]
    ignored: tuple[Ints, ...]
    objects: Ints

    def take(self, pictures: Ints) -> Hits:
        """Return the detections of these pictures, given in ascending order, which are numbered from 0."""
        numbers = np.full(len(self.objects), -1, np.int64)
        numbers[pictures] = np.arange(len(pictures))
        kept = np.flatnonzero(numbers[self.pictures] >= 0)
        right, ignored = ([np.flatnonzero(np.isin(kept, rows)) for rows in each] for each in (self.right, self.ignored))
        return Hits(numbers[self.pictures[kept]], tuple(right), tuple(ignored), self.objects[pictures])

    def average_precisions(self, weights: Values) -> Values:
        """Return the average precision at each threshold under each set of weights: float64 [T, B]; NaN without
        objects.

        With whole weights it is COCO's, of a test set in which each picture is repeated as often as its weight says.

        Args:
            weights: float64 [N, B], 0 or more.
        """
        objects = self.objects @ weights
        shown = np.cumsum(weights[self.pictures], axis=0)
        return np.stack([self._average_precisions(right, ignored, weights, shown, objects)
                         for right, ignored in zip(self.right, self.ignored, strict=True)])

    def _average_precisions(self, right: Ints, ignored: Ints, weights: Values, shown: Values,
                            objects: Values) -> Values:
        hits, counted = np.cumsum(weights[self.pictures[right]], axis=0), shown[right]
        if len(ignored):
            less = np.cumsum(weights[self.pictures[ignored]], axis=0)
            before = np.searchsorted(ignored, right)
            counted = counted - np.where(before[:, None] > 0, less[before - 1], 0)
        return average_precisions(hits, counted, objects)

    def influence(self) -> Values:
        """Return the derivative of each average precision by the weight of each picture, at weights of 1: float64 [T,
        N], which sums to 0 over pictures.

        It is that of the area under the whole envelope, of which COCO's mean over 101 recalls is a sample.
        """
        return np.stack([self._influence(right, ignored) for right, ignored in zip(self.right, self.ignored,
                                                                                   strict=True)])

    def _influence(self, right: Ints, ignored: Ints) -> Values:
        total, pictures = int(self.objects.sum()), len(self.objects)
        if not total or not len(right):
            return np.zeros(pictures)
        counted = right + 1 - np.searchsorted(ignored, right)
        precision = np.arange(1, len(right) + 1) / counted
        best = _best_from(precision)
        envelope = precision[best]
        share = np.bincount(best, minlength=len(right)) / counted
        gain, loss = _sum_from(share), np.append(_sum_from(share * precision), 0.0)
        judged = np.delete(np.arange(len(self.pictures)), ignored)
        by_hits = np.bincount(self.pictures[right], weights=envelope + gain, minlength=pictures)
        by_boxes = np.bincount(self.pictures[judged], weights=loss[np.searchsorted(right, judged)], minlength=pictures)
        found: Values = (by_hits - by_boxes - envelope.sum() / total * self.objects) / total
        return found

    def recall_influence(self) -> Values:
        """Return the derivative of the recall at each threshold by the weight of each picture: float64 [T, N]."""
        total, pictures = max(int(self.objects.sum()), 1), len(self.objects)
        hits = np.stack([np.bincount(self.pictures[right], minlength=pictures) for right in self.right])
        return np.asarray((hits - hits.sum(axis=1, keepdims=True) / total * self.objects) / total)


def class_hits(ranked: RankedDetections, classes: int, area: str = "every",
               overlaps: Sequence[float] = OVERLAPS.tolist()) -> list[Hits]:
    """Match detections for each class.

    Args:
        area: a key of :data:`AREAS`. As in COCO, objects of other areas are not to be found, and detections that match
            them, or match nothing and have another area themselves, do not count.
    """
    truth, detections = ranked.truth, ranked.detections
    ignored, elsewhere = truth.difficult | outside(truth, area), outside(detections, area)
    order = np.argsort(-detections.scores, kind="stable")
    finds = [match(ranked.pairs, detections, truth, overlap, ignored)[order] for overlap in overlaps]
    on_ignored = np.append(ignored, False)  # the last stands for NO_MATCH
    skipped = [np.where(found == NO_MATCH, elsewhere[order], on_ignored[found]) for found in finds]
    right = [(found != NO_MATCH) & ~on_ignored[found] for found in finds]
    counted = ~np.logical_and.reduce(skipped)
    made = []
    for label in range(classes):
        rows = np.flatnonzero(counted & (detections.labels[order] == label))
        objects = truth.picture[(truth.labels == label) & ~ignored]
        made.append(Hits(detections.picture[order][rows], tuple(np.flatnonzero(each[rows]) for each in right),
                         tuple(np.flatnonzero(each[rows]) for each in skipped),
                         np.bincount(objects, minlength=truth.pictures).astype(np.int64)))
    return made


def mean_of_classes(values: Values) -> Values:
    """Return the mean over the first axis without NaN; NaN where there is nothing else."""
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    found: Values = np.where(count > 0, np.where(known, values, 0).sum(axis=0) / np.maximum(count, 1), np.nan)
    return found


def outside(boxes: Boxes, area: str) -> Bools:
    """Return which boxes do not have this area, a key of :data:`AREAS`."""
    sides = (boxes.boxes[:, 2:] - boxes.boxes[:, :2]).astype(np.float64)
    least, most = AREAS[area]
    size = sides.prod(axis=1)
    found: Bools = (size < least) | (size > most)
    return found


def _best_from(precision: Values) -> Ints:
    """Return for each place the place from there on with the highest precision."""
    back = precision[::-1]
    best = np.where(back >= np.maximum.accumulate(back), np.arange(len(back)), 0)
    found: Ints = len(back) - 1 - np.maximum.accumulate(best)[::-1]
    return found


def _sum_from(values: Values) -> Values:
    found: Values = np.cumsum(values[::-1])[::-1]
    return found
