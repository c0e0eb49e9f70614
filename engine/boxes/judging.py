"""What each detection got right or wrong, and which objects were missed."""

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np

from engine.boxes.arrays import Annotations, Bools, Detections, Ints
from engine.boxes.iou import Overlaps, iou_of_pairs
from engine.boxes.matching import NOTHING, matched, pairs_of

TOUCHED = 0.1
"""A box that overlaps an object by less than this is not taken for an attempt at it."""


class Kind(IntEnum):
    """What became of a detection, or, for ``MISSED``, of an object."""

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
    """Detections compared with the objects of their pictures.

    Attributes:
        kinds: int64 [M], a :class:`Kind` for each detection; never ``MISSED``.
        objects: int64 [M], the row of the object it is about; ``NOTHING`` for ghosts.
        overlaps: float64 [M], how far it overlaps that object.
    """

    detections: Detections
    truth: Annotations
    kinds: Ints
    objects: Ints
    overlaps: Overlaps

    def of(self, kind: Kind) -> Ints:
        """Rows of that kind, surest first: of detections, or of objects for ``MISSED``, which are largest first."""
        if kind is Kind.MISSED:
            rows = np.flatnonzero(self.missed)
            return rows[np.argsort(-self.truth.areas[rows], kind="stable")]
        rows = np.flatnonzero(self.kinds == kind)
        return rows[np.argsort(-self.detections.scores[rows], kind="stable")]

    @property
    def counts(self) -> dict[Kind, int]:
        """How many there are of each kind."""
        return {kind: len(self.of(kind)) for kind in Kind}

    @cached_property
    def found(self) -> Bools:
        """bool [M], objects that a box of their class found; difficult ones too."""
        return self._about(Kind.FOUND) | self._about(Kind.NOT_JUDGED)

    @cached_property
    def missed(self) -> Bools:
        """bool [M], objects that no box found, nor covered with another class; difficult ones are not missed."""
        return ~(self.found | self._about(Kind.WRONG_CLASS) | self.truth.difficult)

    def _about(self, kind: Kind) -> Bools:
        """The objects that detections of this kind are about."""
        there = np.zeros(len(self.truth), np.bool_)
        there[self.objects[self.kinds == kind]] = True
        return there


def judge(detections: Detections, truth: Annotations, overlap: float) -> Judgement:
    """Judge detections whose thresholds have been applied, where an IoU of ``overlap`` makes a box cover an object.

    The kinds are those of TIDE (Bolya et al., 2020, arXiv 2008.08115), and each detection is of one of them, the first
    that applies: it *found* an object of its class; is a *duplicate*, for it covers one that another box found; says
    the *wrong class* of one that it covers; is *misplaced*, for it only touches one of its class (IoU of 0.1 or more),
    or *both*, one of another class; or is a *ghost*. TIDE looks for misplaced boxes first, so that what covers an
    object of another class and touches one of its own counts there as misplaced. An object is *missed* if no box
    covers it; TIDE does not count those that a misplaced box touches.
    """
    pairs, count = pairs_of(detections, truth), len(detections)
    finds = matched(pairs, detections, truth, overlap)
    own, own_object = pairs.best(pairs.same, count)
    other, other_object = pairs.best(~pairs.same, count)
    hit = finds != NOTHING
    excused = hit.copy()
    excused[hit] = truth.difficult[finds[hit]]
    tests = ((excused, Kind.NOT_JUDGED), (hit, Kind.FOUND), (own >= overlap, Kind.DUPLICATE),
             (other >= overlap, Kind.WRONG_CLASS), (own >= TOUCHED, Kind.MISPLACED), (other >= TOUCHED, Kind.BOTH))
    kinds = np.select([holds for holds, _ in tests], [kind for _, kind in tests], Kind.GHOST).astype(np.int64)
    of_other = np.isin(kinds, (Kind.WRONG_CLASS, Kind.BOTH))
    objects = np.where(hit, finds, np.where(of_other, other_object, own_object))
    objects[kinds == Kind.GHOST] = NOTHING
    about = objects != NOTHING
    overlaps = np.zeros(count)
    overlaps[about] = iou_of_pairs(detections.boxes[about], truth.boxes[objects[about]])
    return Judgement(detections, truth, kinds, objects, overlaps)
