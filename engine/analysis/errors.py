"""Two checkpoints' errors on the same pictures: which were fixed, which broken, which classes moved."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from engine.analysis.pairs import mcnemar
from engine.errors import UserError
from engine.evaluation.metrics import Ints
from engine.evaluation.results import Results

GROUPS = {
    "fixed": "Wrong before, right now.",
    "broken": "Right before, wrong now.",
    "both_wrong": "Wrong before and now.",
}


class ClassMoved(NamedTuple):
    """One class's recall before and after (fractions), and the pictures behind the difference.

    ``p`` is of the exact McNemar test on the class's pictures, multiplied as Holm (1979) does for as many classes.
    """

    name: str
    support: int
    before: float
    after: float
    fixed: int
    broken: int
    p: float

    @property
    def change(self) -> float:
        return self.after - self.before


@dataclass(frozen=True, eq=False)
class ErrorsCompared:
    """From the results ``a`` to the results ``b``. Rows point into the arrays of both, which are of the same pictures.

    Attributes:
        fixed, broken: int64 rows; where the wrong one of the two was surest first.
        both_wrong: int64 rows; where b is surest first.
    """

    a: Results
    b: Results
    fixed: Ints
    broken: Ints
    both_wrong: Ints

    @property
    def classes(self) -> tuple[str, ...]:
        return self.b.classes

    @property
    def same_mistake(self) -> int:
        """Pictures that both take for the same wrong class."""
        return int((self.a.predicted[self.both_wrong] == self.b.predicted[self.both_wrong]).sum())

    @cached_property
    def moved(self) -> list[ClassMoved]:
        """The classes that have pictures, those that moved furthest first."""
        targets, size = self.b.targets, len(self.classes)
        support, fixed, broken = (np.bincount(labels, minlength=size) for labels in (
            targets, targets[self.fixed], targets[self.broken]))
        before, after = (each.confusion.diagonal() for each in (self.a, self.b))
        there = np.flatnonzero(support)
        p = _holm([mcnemar(int(fixed[label]), int(broken[label])) for label in there])
        rows = [ClassMoved(self.classes[label], int(support[label]), float(before[label] / support[label]),
                           float(after[label] / support[label]), int(fixed[label]), int(broken[label]), p[at])
                for at, label in enumerate(there)]
        return sorted(rows, key=lambda row: (-abs(row.change), -(row.fixed + row.broken)))

    @cached_property
    def confusion_difference(self) -> Ints:
        """int64 [K, K], rows true, columns predicted: pictures of b's matrix minus those of a's."""
        return self.b.confusion - self.a.confusion

    def cell(self, true: int, predicted: int) -> Ints:
        """Rows of the pictures of a class that exactly one of the two takes for ``predicted``: b's surest first."""
        one = (self.a.predicted == predicted) != (self.b.predicted == predicted)
        return _surest(np.flatnonzero((self.b.targets == true) & one), self.b)


def compare_errors(a: Results, b: Results) -> ErrorsCompared:
    """What changes from one to the other.

    Raises:
        UserError: they are not of the same pictures with the same classes.
    """
    if a.classes != b.classes or not np.array_equal(a.ids, b.ids) or not np.array_equal(a.targets, b.targets):
        raise UserError("errors: the two were not tested on the same pictures")
    right_a, right_b = a.predicted == a.targets, b.predicted == b.targets
    return ErrorsCompared(
        a, b, _surest(np.flatnonzero(~right_a & right_b), a), _surest(np.flatnonzero(right_a & ~right_b), b),
        _surest(np.flatnonzero(~right_a & ~right_b), b))


def _surest(rows: Ints, results: Results) -> Ints:
    return rows[np.argsort(-results.confidence[rows], kind="stable")]


def _holm(p: list[float]) -> list[float]:
    """Adjusted p values, in the order given."""
    order = np.argsort(p, kind="stable")
    steps = np.asarray(p)[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(value) for value in adjusted]
