"""Matching detections to objects, as in COCO's evaluation."""

from dataclasses import dataclass

import numpy as np

from engine.boxes.arrays import Annotations, Bools, Detections, Ints
from engine.boxes.iou import Overlaps, iou_of_pairs

NO_MATCH = -1
"""Stands for the row of an object or detection that does not exist."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Each detection with each object of its picture that it overlaps, one row per pair.

    Attributes:
        detections, objects: int64 [P], rows of the detections (ascending) and of the ground truth.
        overlaps: float64 [P], IoU above 0; for a difficult object of the same class, the overlap divided by the box's
        area.
        same: bool [P], whether both have the same class.
    """

    detections: Ints
    objects: Ints
    overlaps: Overlaps
    same: Bools

    def best(self, among: Bools, detections: int) -> tuple[Overlaps, Ints]:
        """Return the largest overlap of each of ``detections`` boxes and its object: float64 and int64 [M].

        Args:
            among: bool [P], the pairs to consider; without one, a box gets 0 and :data:`NO_MATCH`.
        """
        most, which = np.zeros(detections), np.full(detections, NO_MATCH, np.int64)
        rows = np.flatnonzero(among)
        rows = rows[np.lexsort((self.overlaps[rows], self.detections[rows]))]
        most[self.detections[rows]] = self.overlaps[rows]
        which[self.detections[rows]] = self.objects[rows]
        return most, which


def find_pairs(detections: Detections, truth: Annotations) -> Pairs:
    """Return all pairs that overlap."""
    first = np.searchsorted(truth.picture, detections.picture)
    counts = np.searchsorted(truth.picture, detections.picture, side="right") - first
    boxes = np.repeat(np.arange(len(detections)), counts)
    there = np.arange(counts.sum()) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    same = detections.labels[boxes] == truth.labels[there]
    overlaps = iou_of_pairs(detections.boxes[boxes], truth.boxes[there], truth.difficult[there] & same)
    touching = overlaps > 0
    return Pairs(boxes[touching], there[touching], overlaps[touching], same[touching])


def match(pairs: Pairs, detections: Detections, truth: Annotations, overlap: float,
          ignored: Bools | None = None) -> Ints:
    """Return the object that each detection matches: int64 [M], :data:`NO_MATCH` for none.

    Detections choose by descending score. Each takes the free object of its class with the largest overlap, of
    ``overlap`` or more. An ignored object is taken only if there is no other; any number of detections may take a
    difficult one.

    Args:
        ignored: bool [objects], those that are not to be found; by default the difficult ones.
    """
    rows = np.flatnonzero(pairs.same & (pairs.overlaps >= overlap))
    last = (truth.difficult if ignored is None else ignored)[pairs.objects]
    # COCO's evaluation breaks ties by taking the last object.
    rows = rows[np.lexsort((-pairs.objects[rows], -pairs.overlaps[rows], last[rows], pairs.detections[rows]))]
    found, taken = np.full(len(detections), NO_MATCH, np.int64), np.zeros(len(truth), np.bool_)
    for row in rows:
        detection, place = pairs.detections[row], pairs.objects[row]
        if found[detection] == NO_MATCH and not taken[place]:
            found[detection] = place
            taken[place] = not truth.difficult[place]
    return found
