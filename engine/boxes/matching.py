"""Which detection finds which object, as COCO's evaluation decides it."""

from dataclasses import dataclass

import numpy as np

from engine.boxes.arrays import Annotations, Bools, Detections, Ints
from engine.boxes.iou import Overlaps, iou_of_pairs

NOTHING = -1
"""In place of the row of an object or of a detection: there is none."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Every detection with every object of its picture that it touches, one row a pair.

    Attributes:
        detections, objects: int64 [P], rows of the detections (ascending) and of the ground truth.
        overlaps: float64 [P], IoU above 0; with a difficult object of its class, the share of the detection in it.
        same: bool [P], whether both are of one class.
    """

    detections: Ints
    objects: Ints
    overlaps: Overlaps
    same: Bools

    def best(self, among: Bools, detections: int) -> tuple[Overlaps, Ints]:
        """Of the pairs ``among``, the most that each of so many detections overlaps any object, and that object:
        float64 and int64 [M]; 0 and :data:`NOTHING` where it touches none."""
        most, which = np.zeros(detections), np.full(detections, NOTHING, np.int64)
        rows = np.flatnonzero(among)
        rows = rows[np.lexsort((self.overlaps[rows], self.detections[rows]))]
        most[self.detections[rows]] = self.overlaps[rows]
        which[self.detections[rows]] = self.objects[rows]
        return most, which


def pairs_of(detections: Detections, truth: Annotations) -> Pairs:
    """All pairs that touch."""
    first = np.searchsorted(truth.picture, detections.picture)
    counts = np.searchsorted(truth.picture, detections.picture, side="right") - first
    said = np.repeat(np.arange(len(detections)), counts)
    there = np.arange(counts.sum()) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    same = detections.labels[said] == truth.labels[there]
    overlaps = iou_of_pairs(detections.boxes[said], truth.boxes[there], truth.difficult[there] & same)
    touching = overlaps > 0
    return Pairs(said[touching], there[touching], overlaps[touching], same[touching])


def matched(pairs: Pairs, detections: Detections, truth: Annotations, overlap: float) -> Ints:
    """The object that each detection finds: int64 [M], :data:`NOTHING` where it finds none.

    A picture's detections choose in the order of their scores. Each takes the object of its class that it overlaps
    most, by ``overlap`` or more, and that none has taken; a difficult object only if there is no other, and however
    many took it.
    """
    rows = np.flatnonzero(pairs.same & (pairs.overlaps >= overlap))
    difficult = truth.difficult[pairs.objects]
    # Among equal overlaps COCO's evaluation takes the last object.
    rows = rows[np.lexsort((-pairs.objects[rows], -pairs.overlaps[rows], difficult[rows], pairs.detections[rows]))]
    found, taken = np.full(len(detections), NOTHING, np.int64), np.zeros(len(truth), np.bool_)
    for row in rows:
        detection, place = pairs.detections[row], pairs.objects[row]
        if found[detection] == NOTHING and not taken[place]:
            found[detection] = place
            taken[place] = not truth.difficult[place]
    return found
