"""Which classes are taken for which, with what is there but not found, and found but not there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.boxes.arrays import Ints
from engine.boxes.judging import Judgement, Kind
from engine.boxes.matching import NOTHING

BACKGROUND = "background"


@dataclass(frozen=True, eq=False)
class Confusion:
    """A matrix of classes and, last, background.

    Attributes:
        counts: int64 [K + 1, K + 1], rows true, columns predicted. Each judged detection counts once, in its column: in
            the row of the object whose class it found or got wrong, else in the row of the background. The column of
            the background counts the missed objects. An object that two boxes cover counts for both.
        objects: int64 [K], how many objects of each class there are to be found.
    """

    judgement: Judgement
    counts: Ints
    objects: Ints

    @property
    def shares(self) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """``counts`` over the objects of each class, and for background over all that was found there."""
        totals = np.append(self.objects, self.counts[-1].sum())
        return np.asarray(self.counts / np.maximum(totals, 1)[:, None])

    def cell(self, true: int, predicted: int) -> tuple[Ints, Ints]:
        """What one cell counts: rows of the detections, surest first, or of the missed objects; the other is empty."""
        nothing = np.zeros(0, np.int64)
        if predicted == len(self.objects):
            rows = self.judgement.of(Kind.MISSED)
            return nothing, rows[self.judgement.truth.labels[rows] == true]
        rows = np.flatnonzero((_trues(self.judgement, len(self.objects)) == true)
                              & (self.judgement.detections.labels == predicted))
        return rows[np.argsort(-self.judgement.detections.scores[rows], kind="stable")], nothing

    def most_confused(self, count: int = 12) -> list[tuple[int, int, int]]:
        """The cells off the diagonal that count most, background left out: (true, predicted, count)."""
        errors = self.counts[:-1, :-1].copy()
        np.fill_diagonal(errors, 0)
        places = np.argsort(-errors, axis=None, kind="stable")[:count]
        cells = [(int(place) // len(errors), int(place) % len(errors)) for place in places]
        return [(true, predicted, int(errors[true, predicted])) for true, predicted in cells if errors[true, predicted]]


def confusion(judgement: Judgement, classes: int) -> Confusion:
    """The matrix of a judgement over labels from 0 to ``classes`` − 1."""
    said, truth = judgement.detections, judgement.truth
    trues = _trues(judgement, classes)
    counts = np.zeros((classes + 1, classes + 1), np.int64)
    np.add.at(counts, (trues[trues != NOTHING], said.labels[trues != NOTHING]), 1)
    counts[:classes, classes] = np.bincount(truth.labels[judgement.missed], minlength=classes)
    objects = np.bincount(truth.labels[~truth.difficult], minlength=classes).astype(np.int64)
    return Confusion(judgement, counts, objects)


def _trues(judgement: Judgement, background: int) -> Ints:
    """The row of the matrix in which each detection counts; ``NOTHING`` for those that are not judged."""
    known = np.isin(judgement.kinds, (Kind.FOUND, Kind.WRONG_CLASS))
    rows = np.full(len(judgement.kinds), background, np.int64)
    rows[known] = judgement.truth.labels[judgement.objects[known]]
    rows[judgement.kinds == Kind.NOT_JUDGED] = NOTHING
    return rows


def genera(classes: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    """The first words of the class names, in order of appearance, and which of them each class has: int64 [K]."""
    firsts = [(name.split() or [name])[0] for name in classes]
    names = tuple(dict.fromkeys(firsts))
    return names, np.array([names.index(first) for first in firsts], np.int64)
