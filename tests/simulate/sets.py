"""Recipes ranked over several data sets: how often differences are found where there are none, and where there are."""

from __future__ import annotations

from functools import partial

import numpy as np

from engine.analysis.ranking import ranking_of
from tests.engine.analysis.ranking.made import outcomes, study
from tests.simulate.scenario import Count, Scenario


def _told_apart(sets: int, recipes: int, effect: float, random: np.random.Generator, studies: int) -> Count:
    """Sets differ in difficulty and spread; the first recipe is better by ``effect`` spreads."""
    made, differ = study(sets, recipes), 0
    for _ in range(studies):
        level, spread = random.uniform(0.5, 0.9, (sets, 1)), random.uniform(0.005, 0.02, (sets, 1))
        scores = level + spread * (random.standard_t(3, (sets, recipes)) + effect * (np.arange(recipes) == 0))
        found = ranking_of(made, outcomes(scores.round(4)))
        differ += found is not None and found.differs
    return Count(differ, studies)


SCENARIOS = [
    *(Scenario(f"a difference between {recipes} equal recipes is found over {sets} data sets", 0.0, 0.055, 1000,
               partial(_told_apart, sets, recipes, 0.0))
      for sets, recipes in ((6, 2), (20, 2), (4, 3), (8, 4), (15, 4), (10, 8))),
    *(Scenario(f"one of {recipes} recipes that is better by three spreads is found so over {sets} data sets", 0.7, 1.0,
               300, partial(_told_apart, sets, recipes, 3.0)) for sets, recipes in ((12, 2), (12, 4)))]
