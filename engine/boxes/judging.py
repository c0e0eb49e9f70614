"""Which detections are right, which are wrong and why, and which objects were missed."""

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np

from engine.boxes.arrays import Annotations, Bools, Detections, Ints
from engine.boxes.iou import Overlaps, iou_of_pairs
from engine.boxes.matching import NO_MATCH, find_pairs, match

MIN_OVERLAP = 0.1
"""A box with a lower IoU is unrelated to the object."""


class Kind(IntEnum):
    """Outcome of a detection; ``MISSED`` is the outcome of an object."""

    FOUND = 0
    WRONG_CLASS = 1
    MISPLACED = 2
    BOTH = 3
    DUPLICATE = 4
    GHOST = 5
    MISSED = 6
    NOT_JUDGED = 7


@dataclass(frozen=True, eq=False)
class Judgement:
    """Detections compared with the ground truth.

    Attributes:
        kinds: int64 [M], a :class:`Kind` for each detection; never ``MISSED``.
        objects: int64 [M], row of the object that the detection refers to; ``NO_MATCH`` for ghosts.
        overlaps: float64 [M], IoU with that object.
    """

    detections: Detections
    truth: Annotations
    kinds: Ints
    objects: Ints
    overlaps: Overlaps

    def rows_of(self, kind: Kind) -> Ints:
        """Return detections of this kind, highest score first; for ``MISSED``, objects, largest first."""
        if kind is Kind.MISSED:
            rows = np.flatnonzero(self.missed)
            return rows[np.argsort(-self.truth.areas[rows], kind="stable")]
        rows = np.flatnonzero(self.kinds == kind)
        return rows[np.argsort(-self.detections.scores[rows], kind="stable")]

    @property
    def counts(self) -> dict[Kind, int]:
        return {kind: len(self.rows_of(kind)) for kind in Kind}

    @cached_property
    def found(self) -> Bools:
        """bool [M], objects matched by a box of their class, including difficult ones."""
        return self._about(Kind.FOUND) | self._about(Kind.NOT_JUDGED)

    @cached_property
    def missed(self) -> Bools:
        """bool [M], objects matched by no box of any class; difficult objects are never missed."""
        return ~(self.found | self._about(Kind.WRONG_CLASS) | self.truth.difficult)

    def _about(self, kind: Kind) -> Bools:
        """Return which objects the detections of this kind refer to."""
        there = np.zeros(len(self.truth), np.bool_)
        there[self.objects[self.kinds == kind]] = True
        return there


def judge(detections: Detections, truth: Annotations, overlap: float) -> Judgement:
    """Classify detections, after thresholds are applied; a match needs an IoU of ``overlap`` or more.

    The kinds are those of TIDE (Bolya et al., 2020, arXiv 2008.08115). A detection gets the first one that applies: it
    *found* an object of its class; is a *duplicate* of a better match; has the *wrong class* for the object it matches;
    is *misplaced*, with an IoU from 0.1 with an object of its class; or *both*, with an object of another class; else
    it is a *ghost*. TIDE tests for misplaced boxes first: a box that matches an object of another class and touches one
    of its own counts there as misplaced. An object is *missed* if no box matches it; TIDE excludes objects that a
    misplaced box touches.
    """
    pairs, count = find_pairs(detections, truth), len(detections)
    finds = match(pairs, detections, truth, overlap)
    own, own_object = pairs.best(pairs.same, count)
    other, other_object = pairs.best(~pairs.same, count)
    hit = finds != NO_MATCH
    excused = hit.copy()
    excused[hit] = truth.difficult[finds[hit]]
    tests = {Kind.NOT_JUDGED: excused, Kind.FOUND: hit, Kind.DUPLICATE: own >= overlap,
             Kind.WRONG_CLASS: other >= overlap, Kind.MISPLACED: own >= MIN_OVERLAP, Kind.BOTH: other >= MIN_OVERLAP}
    kinds = np.select(list(tests.values()), list(tests), Kind.GHOST).astype(np.int64)
    of_other = np.isin(kinds, (Kind.WRONG_CLASS, Kind.BOTH))
    objects = np.where(hit, finds, np.where(of_other, other_object, own_object))
    objects[kinds == Kind.GHOST] = NO_MATCH
    about = objects != NO_MATCH
    overlaps = np.zeros(count)
    overlaps[about] = iou_of_pairs(detections.boxes[about], truth.boxes[objects[about]])
    return Judgement(detections, truth, kinds, objects, overlaps)
