"""Tests by ranks, against SciPy, scikit-posthocs and Demšar's critical values."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import scikit_posthocs
from scipy import stats

from engine.analysis.ranking.ranks import (
    critical_difference,
    friedman,
    least_p,
    nemenyi,
    ranks_of,
    sets_needed,
    wilcoxon,
)
from engine.evaluation.metrics import Floats

SCORES = np.array([
    (0.763, 0.768, 0.771, 0.798), (0.599, 0.591, 0.590, 0.569), (0.954, 0.971, 0.968, 0.967),
    (0.628, 0.661, 0.654, 0.657), (0.882, 0.888, 0.886, 0.898), (0.936, 0.931, 0.916, 0.931),
    (0.661, 0.668, 0.609, 0.685), (0.583, 0.583, 0.563, 0.625), (0.775, 0.838, 0.866, 0.875),
    (1.000, 1.000, 1.000, 1.000), (0.940, 0.962, 0.965, 0.962), (0.619, 0.666, 0.614, 0.669),
    (0.972, 0.981, 0.975, 0.975), (0.957, 0.978, 0.946, 0.970)])
"""AUC of four recipes on 14 data sets, some of them equal."""


def scores(sets: int, recipes: int, digits: int, seed: int) -> Floats:
    """Scores of few digits, so that some are equal."""
    return np.round(np.random.default_rng(seed).normal(size=(sets, recipes)), digits)


def test_the_published_example_comes_out() -> None:
    """Four classifiers on 14 data sets: section 3.2.2 of Demšar (2006)."""
    assert critical_difference(14, 4, 0.05) == pytest.approx(1.25, abs=0.005)
    assert critical_difference(14, 4, 0.10) == pytest.approx(1.12, abs=0.005)


@pytest.mark.parametrize(("recipes", "value"), [*enumerate(
    (1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164), 2)])
def test_critical_values_are_those_of_the_published_table(recipes: int, value: float) -> None:
    """Table 5 (a) of Demšar (2006)."""
    unit = (recipes * (recipes + 1) / (6 * 20)) ** 0.5
    assert critical_difference(20, recipes, 0.05) / unit == pytest.approx(value, abs=0.0011)


@pytest.mark.parametrize("digits", [0, 1, 6])
@pytest.mark.parametrize("seed", range(4))
def test_ranks_and_friedman_are_scipys(digits: int, seed: int) -> None:
    made = scores(7, 4, digits, seed)
    assert ranks_of(made).tolist() == stats.rankdata(-made, axis=1).tolist()
    assert friedman(ranks_of(made)) == pytest.approx(stats.friedmanchisquare(*made.T).pvalue, rel=1e-9)


@pytest.mark.parametrize("sets", [1, 5, 9, 30])
@pytest.mark.parametrize("seed", range(3))
def test_wilcoxon_is_scipys_exact_test(sets: int, seed: int) -> None:
    differences = np.random.default_rng(seed).normal(0.4, 1, sets)
    assert wilcoxon(differences)[1] == pytest.approx(stats.wilcoxon(differences, method="exact").pvalue, rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_wilcoxon_is_exact_with_equal_differences_too(seed: int) -> None:
    """Every assignment of signs, counted one by one by SciPy."""
    differences = np.random.default_rng(seed).integers(-3, 5, 9).astype(float)
    left = differences[differences != 0]
    counted = stats.wilcoxon(left, method=stats.PermutationMethod(n_resamples=np.inf)).pvalue
    assert wilcoxon(differences)[1] == pytest.approx(counted, rel=1e-9)


def test_wilcoxon_of_no_difference_is_one() -> None:
    assert wilcoxon(np.zeros(6)) == (0.0, 1.0)


@pytest.mark.parametrize("recipes", [3, 5, 12])
def test_nemenyi_is_that_of_scikit_posthocs(recipes: int) -> None:
    made = scores(9, recipes, 6, recipes)
    means = ranks_of(made).mean(axis=0)
    theirs = scikit_posthocs.posthoc_nemenyi_friedman(-made).to_numpy()
    for one, other in combinations(range(recipes), 2):
        assert nemenyi(means[one] - means[other], 9, recipes) == pytest.approx(theirs[one, other], abs=1e-6)


@pytest.mark.parametrize(("recipes", "alpha"), [(3, 0.04), (8, 0.005), (40, 0.04)])
def test_the_critical_difference_has_the_probability_it_stands_for(recipes: int, alpha: float) -> None:
    assert nemenyi(critical_difference(10, recipes, alpha), 10, recipes) == pytest.approx(alpha, rel=1e-6)


def test_five_sets_of_two_recipes_can_show_nothing_and_six_can() -> None:
    assert least_p(5, 2) == 0.0625 == wilcoxon(np.arange(1.0, 6.0))[1] and sets_needed(2, 0.05) == 6
    agreed = np.tile([3.0, 2.0, 1.0], (4, 1))
    assert least_p(4, 3) == pytest.approx(friedman(ranks_of(agreed))) and sets_needed(3, 0.04) == 4
