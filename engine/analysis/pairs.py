"""Two sets of stored predictions on the same pictures: evidence on these checkpoints, none on their recipes."""

from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr

from engine.analysis.ensemble import Gain, paired_gain, same_pictures
from engine.errors import UserError
from engine.evaluation.metrics import Predictions


@dataclass(frozen=True)
class CheckpointComparison:
    """From checkpoint a to checkpoint b.

    Attributes:
        both_right, fixed, broken, both_wrong: numbers of pictures; fixed are those that only b gets right.
        gain: accuracy of b minus that of a (fractions), with a 95 % interval by paired bootstrap over pictures.
        p: exact McNemar test of whether fixed and broken are equally likely, two-sided.
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
    """What changes from a to b, picture by picture.

    It holds for new pictures like these and for these very weights; another seed of either recipe may do otherwise.

    Raises:
        UserError: they are not of the same pictures, or there are none.
    """
    if not len(a.ids) or not same_pictures(a, b):
        raise UserError("compare: the two were not tested on the same pictures")
    right_a, right_b = a.predicted == a.targets, b.predicted == b.targets
    both_wrong, fixed, broken, both_right = (int(count) for count in np.bincount(right_a * 2 + right_b, minlength=4))
    return CheckpointComparison(both_right, fixed, broken, both_wrong, paired_gain(a, b, resamples, seed),
                                mcnemar(fixed, broken))


def mcnemar(fixed: int, broken: int) -> float:
    """Two-sided p of the exact test (McNemar, 1947): pictures that changed, as fair coins; 1 where none did."""
    return min(1.0, 2 * float(bdtr(min(fixed, broken), fixed + broken, 0.5))) if fixed + broken else 1.0
