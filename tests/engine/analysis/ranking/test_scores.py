"""Scores over all runs of all sets, by rliable's definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.analysis.ranking.scores import Score, improvement, interquartile_mean
from engine.evaluation.metrics import Floats


def runs(sets: int, count: int, seed: int, shift: float = 0.0) -> list[Floats]:
    return [*(np.random.default_rng(seed).normal(shift, 1.0, (sets, count)).round(1))]


@pytest.mark.parametrize(("sets", "count"), [(2, 1), (3, 3), (5, 7)])
def test_the_middle_half_is_scipys_trimmed_mean(sets: int, count: int) -> None:
    made = runs(sets, count, sets)
    assert interquartile_mean(made).value == pytest.approx(stats.trim_mean(np.concatenate(made), 0.25))


@pytest.mark.parametrize("seed", range(4))
def test_improvement_is_mann_whitneys_statistic_averaged_over_sets(seed: int) -> None:
    one, other = runs(4, 5, seed, 0.3), runs(4, 3, seed + 100)
    by_set = [stats.mannwhitneyu(a, b).statistic / (5 * 3) for a, b in zip(one, other, strict=True)]
    found, back = improvement(one, other), improvement(other, one)
    assert found.value == pytest.approx(np.mean(by_set)) and found.value + back.value == pytest.approx(1)
    assert found.low is not None and found.high is not None and 0 <= found.low <= found.value <= found.high <= 1


def test_a_cell_of_two_runs_has_no_interval() -> None:
    assert interquartile_mean([np.ones(3), np.ones(2)]) == Score(1.0)
    assert improvement([np.ones(3)], [np.zeros(2)]) == Score(1.0)


def test_runs_are_drawn_within_their_set() -> None:
    """Sets that lie far apart add nothing to the interval of runs that all agree."""
    found = interquartile_mean([np.full(3, 0.1), np.full(3, 0.9)])
    assert (found.low, found.high) == (found.value, found.value) == pytest.approx((0.5, 0.5))


def test_the_same_runs_have_the_same_interval() -> None:
    assert interquartile_mean(runs(4, 5, 1)) == interquartile_mean(runs(4, 5, 1))
