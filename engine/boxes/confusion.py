"""Confusion matrix of a detector, with missed objects and false positives as the background class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.boxes.arrays import Ints
from engine.boxes.judging import Judgement, Kind
from engine.boxes.matching import NO_MATCH

BACKGROUND = "background"


@dataclass(frozen=True, eq=False)
class Confusion:
    """A confusion matrix whose last row and column are the background.

    Attributes:
        counts: int64 [K + 1, K + 1], rows true, columns predicted. A detection counts in the row of the object that it
        matches, with the right or the wrong class, else in the background row. Missed objects count in the background
        column. Two detections may match one object.
        objects: int64 [K], number of objects of each class, difficult ones excluded.
    """

    judgement: Judgement
    counts: Ints
    objects: Ints

    @property
    def shares(self) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """``counts`` divided by the objects of each class; the background row is divided by its sum."""
        totals = np.append(self.objects, self.counts[-1].sum())
        return np.asarray(self.counts / np.maximum(totals, 1)[:, None])

    def cell(self, true: int, predicted: int) -> tuple[Ints, Ints]:
        """Return the rows of a cell's detections, highest score first, and of its missed objects; one of both is empty.
        """
        empty = np.zeros(0, np.int64)
        if predicted == len(self.objects):
            rows = self.judgement.rows_of(Kind.MISSED)
            return empty, rows[self.judgement.truth.labels[rows] == true]
        rows = np.flatnonzero((_matrix_rows(self.judgement, len(self.objects)) == true)
                              & (self.judgement.detections.labels == predicted))
        return rows[np.argsort(-self.judgement.detections.scores[rows], kind="stable")], empty

    def most_confused(self, count: int = 12) -> list[tuple[int, int, int]]:
        """Return the largest cells off the diagonal as (true, predicted, count), without the background."""
        return most_confused(self.counts[:-1, :-1], count)


def most_confused(matrix: Ints, count: int) -> list[tuple[int, int, int]]:
    """Return the largest cells off the diagonal of a confusion matrix, as (true, predicted, count)."""
    errors = matrix.copy()
    np.fill_diagonal(errors, 0)
    largest = np.argsort(-errors, axis=None, kind="stable")[:count]
    cells = [(int(cell) // len(errors), int(cell) % len(errors)) for cell in largest]
    return [(true, predicted, int(errors[true, predicted])) for true, predicted in cells if errors[true, predicted]]


def confusion(judgement: Judgement, classes: int) -> Confusion:
    """Return the confusion matrix over labels 0 to ``classes`` − 1."""
    detections, truth = judgement.detections, judgement.truth
    trues = _matrix_rows(judgement, classes)
    counts = np.zeros((classes + 1, classes + 1), np.int64)
    np.add.at(counts, (trues[trues != NO_MATCH], detections.labels[trues != NO_MATCH]), 1)
    counts[:classes, classes] = np.bincount(truth.labels[judgement.missed], minlength=classes)
    objects = np.bincount(truth.labels[~truth.difficult], minlength=classes).astype(np.int64)
    return Confusion(judgement, counts, objects)


def _matrix_rows(judgement: Judgement, background: int) -> Ints:
    """Return the matrix row of each detection; ``NO_MATCH`` if it is not judged."""
    known = np.isin(judgement.kinds, (Kind.FOUND, Kind.WRONG_CLASS))
    rows = np.full(len(judgement.kinds), background, np.int64)
    rows[known] = judgement.truth.labels[judgement.objects[known]]
    rows[judgement.kinds == Kind.NOT_JUDGED] = NO_MATCH
    return rows


def genera(classes: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    """Return the distinct first words of the class names, in order, and each class's position among them: int64 [K]."""
    firsts = [(name.split() or [name])[0] for name in classes]
    names = tuple(dict.fromkeys(firsts))
    return names, np.array([names.index(first) for first in firsts], np.int64)
