"""Recipes that do not differ are told apart in 5 % of studies at most, and those that do are found."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analysis.ranking import ranking_of
from tests.engine.analysis.judging.test_simulated import no_more_than
from tests.engine.analysis.ranking.made import outcomes, study

STUDIES = 1000


def claims(sets: int, recipes: int, effect: float, digits: int) -> tuple[int, int]:
    """How many studies find a difference, and how many tell two recipes apart; sets differ in difficulty and spread."""
    random, made = np.random.default_rng(sets * 100 + recipes), study(sets, recipes)
    differ = apart = 0
    for _ in range(STUDIES):
        level, spread = random.uniform(0.5, 0.9, (sets, 1)), random.uniform(0.005, 0.02, (sets, 1))
        scores = level + spread * (random.standard_t(3, (sets, recipes)) + effect * (np.arange(recipes) == 0))
        found = ranking_of(made, outcomes(scores.round(digits)))
        assert found is not None
        differ += found.differs
        apart += found.differs and found.groups != ((0, recipes - 1),)
    return differ, apart


@pytest.mark.slow
@pytest.mark.parametrize("digits", [2, 6])
@pytest.mark.parametrize(("sets", "recipes"), [(6, 2), (20, 2), (4, 3), (8, 4), (15, 4), (10, 8)])
def test_alike_recipes_are_rarely_told_apart(sets: int, recipes: int, digits: int) -> None:
    differ, apart = claims(sets, recipes, 0.0, digits)
    assert no_more_than(0.05, differ, STUDIES) and differ / STUDIES <= 0.055 and apart <= differ
    assert differ > 0, "a test that never claims anything is no test"


@pytest.mark.slow
@pytest.mark.parametrize(("sets", "recipes"), [(12, 2), (12, 4)])
def test_a_better_recipe_is_found(sets: int, recipes: int) -> None:
    differ, apart = claims(sets, recipes, 3.0, 6)
    assert differ > 0.7 * STUDIES and apart > 0.6 * STUDIES
