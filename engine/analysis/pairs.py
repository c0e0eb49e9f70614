"""Comparing two checkpoints on the same pictures: evidence on checkpoints, not on recipes."""

from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr

from engine.analysis.ensemble import Gain, paired_gain, same_pictures
from engine.errors import UserError
from engine.evaluation.metrics import Predictions


@dataclass(frozen=True)
class CheckpointComparison:
    """The changes from checkpoint a to checkpoint b.

    Attributes:
        both_right, fixed, broken, both_wrong: numbers of pictures; fixed: only b is right.
        gain: accuracy of b minus that of a, with a 95 % interval by paired bootstrap over pictures.
        p: two-sided exact McNemar test that fixed and broken are equally likely.
    """

    both_right: int
    fixed: int
    broken: int
    both_wrong: int
    gain: Gain
    p: float

    @property
    def pictures(self) -> int:
        return self.both_right + self.fixed + self.broken + self.both_wrong


def compare_checkpoints(a: Predictions, b: Predictions, resamples: int = 10_000, seed: int = 0) -> CheckpointComparison:
    """Compare two checkpoints picture by picture.

    The result generalises to new pictures, but not to other seeds of the two recipes.

    Raises:
        UserError: they have different pictures, or none.
    """
    if not len(a.ids) or not same_pictures(a, b):
        raise UserError("compare: the two checkpoints were tested on different pictures")
    right_a, right_b = a.predicted == a.targets, b.predicted == b.targets
    both_wrong, fixed, broken, both_right = (int(count) for count in np.bincount(right_a * 2 + right_b, minlength=4))
    return CheckpointComparison(both_right, fixed, broken, both_wrong, paired_gain(a, b, resamples, seed),
                                mcnemar(fixed, broken))


def mcnemar(fixed: int, broken: int) -> float:
    """Return the two-sided p of the exact McNemar test (1947); 1 if no picture changed."""
    return min(1.0, 2 * float(bdtr(min(fixed, broken), fixed + broken, 0.5))) if fixed + broken else 1.0
