"""The errors of two checkpoints on the same pictures: fixed and broken ones, and changes by class and slice."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.analysis.slices import Change, corrected, slice_changes
from engine.errors import UserError
from engine.evaluation.metrics import Ints
from engine.evaluation.results import Results
from engine.evaluation.slices import Slicing, by_class

GROUPS = {
    "fixed": "Wrong before, right now.",
    "broken": "Right before, wrong now.",
    "both_wrong": "Wrong before and now.",
}


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

    def changes(self, slicings: Iterable[Slicing] = ()) -> list[Change]:
        """Return the changes of top-1 in each class and slice, largest first, with Holm's correction over all."""
        divided = (by_class(self.classes, self.b.targets), *slicings)
        return corrected(slice_changes(self.a.predictions, self.b.predictions, "top1", divided))

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
