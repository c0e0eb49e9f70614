"""Two checkpoints on the same pictures, against SciPy and counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import mcnemar as by_statsmodels

from engine.analysis.checkpoint_pairs import compare_checkpoints, mcnemar
from engine.errors import UserError
from engine.evaluation.metrics import Predictions


def predictions(right: np.ndarray) -> Predictions:
    """Of class 1, told right or taken for class 0."""
    logits = np.zeros((len(right), 2), np.float32)
    logits[np.arange(len(right)), right.astype(int)] = 3
    return Predictions(np.arange(len(right)), np.ones(len(right), np.int64), logits)


def pair(both_right: int, fixed: int, broken: int, both_wrong: int) -> tuple[Predictions, Predictions]:
    counts = [both_right, fixed, broken, both_wrong]
    return predictions(np.repeat([1, 0, 1, 0], counts)), predictions(np.repeat([1, 1, 0, 0], counts))


def test_each_picture_is_fixed_broken_or_neither() -> None:
    found = compare_checkpoints(*pair(70, 15, 5, 10))
    assert (found.both_right, found.fixed, found.broken, found.both_wrong) == (70, 15, 5, 10)
    assert found.pictures == 100 and found.gain.value == pytest.approx(0.10)
    assert found.gain.low < 0.10 < found.gain.high
    assert found.p == pytest.approx(binomtest(5, 20).pvalue)


@pytest.mark.parametrize(("fixed", "broken"), [(0, 0), (0, 1), (3, 3), (1, 9), (40, 60), (0, 30)])
def test_the_exact_test_is_that_of_statsmodels(fixed: int, broken: int) -> None:
    expected = by_statsmodels([[50, broken], [fixed, 20]], exact=True).pvalue if fixed + broken else 1.0
    assert mcnemar(fixed, broken) == pytest.approx(expected)


def test_a_checkpoint_against_itself_changes_nothing() -> None:
    one, _ = pair(10, 2, 3, 4)
    found = compare_checkpoints(one, one)
    assert found.p == 1 and found.gain.value == 0 and found.gain.low == -found.gain.high


def test_other_pictures_are_no_pair() -> None:
    one, other = pair(10, 2, 3, 4)
    with pytest.raises(UserError, match="tested on different pictures"):
        compare_checkpoints(one, predictions(np.ones(5)))
    with pytest.raises(UserError, match="tested on different pictures"):
        compare_checkpoints(one, Predictions(other.ids, 1 - other.targets, other.logits))
    with pytest.raises(UserError):
        compare_checkpoints(predictions(np.ones(0)), predictions(np.ones(0)))


def test_equal_checkpoints_are_told_apart_one_time_in_twenty_at_most() -> None:
    random = np.random.default_rng(3)
    claims = sum(mcnemar(fixed, 60 - fixed) < 0.05 for fixed in random.binomial(60, 0.5, 2000))
    assert 20 < claims <= 110
