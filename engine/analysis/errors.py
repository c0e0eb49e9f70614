"""The errors of two checkpoints on the same pictures: fixed and broken ones, and changes by class."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from engine.analysis.checkpoint_pairs import mcnemar
from engine.analysis.judging.significance import holm
from engine.errors import UserError
from engine.evaluation.metrics import Ints
from engine.evaluation.results import Results

GROUPS = {
    "fixed": "Wrong before, right now.",
    "broken": "Right before, wrong now.",
    "both_wrong": "Wrong before and now.",
}


class ClassChange(NamedTuple):
    """A class's recall before and after (fractions), and the numbers of fixed and broken pictures.

    ``p`` is the exact McNemar test on the class's pictures, with Holm's correction (1979) over all classes.
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
    """The changes from results ``a`` to results ``b``. Rows index the arrays of both, which share their pictures.

    Attributes:
        fixed, broken: int64 rows, by descending confidence of the wrong prediction.
        both_wrong: int64 rows, by descending confidence of b.
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
        """Number of pictures that both classify as the same wrong class."""
        return int((self.a.predicted[self.both_wrong] == self.b.predicted[self.both_wrong]).sum())

    @cached_property
    def moved(self) -> list[ClassChange]:
        """The classes with pictures, largest changes first."""
        targets, size = self.b.targets, len(self.classes)
        support, fixed, broken = (np.bincount(labels, minlength=size) for labels in (
            targets, targets[self.fixed], targets[self.broken]))
        before, after = (each.confusion.diagonal() for each in (self.a, self.b))
        there = np.flatnonzero(support)
        p = holm([mcnemar(int(fixed[label]), int(broken[label])) for label in there])
        rows = [ClassChange(self.classes[label], int(support[label]), float(before[label] / support[label]),
                           float(after[label] / support[label]), int(fixed[label]), int(broken[label]), p[at])
                for at, label in enumerate(there)]
        return sorted(rows, key=lambda row: (-abs(row.change), -(row.fixed + row.broken)))

    @cached_property
    def confusion_difference(self) -> Ints:
        """int64 [K, K], rows true, columns predicted: b's confusion matrix minus a's."""
        return self.b.confusion - self.a.confusion

    def cell(self, true: int, predicted: int) -> Ints:
        """Return the rows of a class that exactly one of the two predicts as ``predicted``, by confidence of b."""
        one = (self.a.predicted == predicted) != (self.b.predicted == predicted)
        return _by_confidence(np.flatnonzero((self.b.targets == true) & one), self.b)


def compare_errors(a: Results, b: Results) -> ErrorsCompared:
    """Compare the errors of two results.

    Raises:
        UserError: they have different pictures or classes.
    """
    if a.classes != b.classes or not np.array_equal(a.ids, b.ids) or not np.array_equal(a.targets, b.targets):
        raise UserError("errors: the two runs were tested on different pictures")
    right_a, right_b = a.predicted == a.targets, b.predicted == b.targets
    return ErrorsCompared(
        a, b, _by_confidence(np.flatnonzero(~right_a & right_b), a),
        _by_confidence(np.flatnonzero(right_a & ~right_b), b),
        _by_confidence(np.flatnonzero(~right_a & ~right_b), b))


def _by_confidence(rows: Ints, results: Results) -> Ints:
    return rows[np.argsort(-results.confidence[rows], kind="stable")]
