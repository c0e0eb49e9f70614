"""Seeds are planned with the power that statsmodels computes."""

from __future__ import annotations

import pytest
from statsmodels.stats.power import TTestPower

from engine.analysis.judging.claims import Claim
from engine.analysis.judging.needs import LEAST_SEEDS, seeds_for
from engine.analysis.judging.significance import Fitted


@pytest.mark.parametrize(("effect", "alpha"), [(2.0, 0.05), (1.0, 0.05), (0.7, 0.01), (0.5, 0.025)])
def test_the_fewest_seeds_with_enough_power(effect: float, alpha: float) -> None:
    seeds = seeds_for(Fitted(effect * 0.01), 0.01, Claim("higher"), alpha)
    power = TTestPower()
    assert seeds is not None and power.power(effect, seeds, alpha) >= 0.8
    assert seeds == LEAST_SEEDS or power.power(effect, seeds - 1, alpha) < 0.8


def test_an_effect_beyond_doubt_still_needs_three() -> None:
    assert seeds_for(Fitted(100.0), 0.001, Claim("higher"), 0.05) == LEAST_SEEDS


def test_what_would_take_more_than_fifty_is_not_planned() -> None:
    assert seeds_for(Fitted(0.001), 0.01, Claim("higher"), 0.05) is None


def test_a_margin_is_the_distance_to_cover() -> None:
    plain, beyond = (seeds_for(Fitted(0.02), 0.01, Claim("higher", margin), 0.05) for margin in (0.0, 0.01))
    assert plain is not None and beyond is not None and plain < beyond


def test_equality_takes_the_more_seeds_the_narrower_the_margin() -> None:
    wide, narrow = (seeds_for(Fitted(0.0), 0.01, Claim("none", margin), 0.05) for margin in (0.02, 0.008))
    assert wide is not None and narrow is not None and wide < narrow
    assert seeds_for(Fitted(0.0), 0.01, Claim("none", 0.001), 0.05) is None
