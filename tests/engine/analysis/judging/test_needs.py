"""Seeds are planned for the margin, with the power that statsmodels computes, and a careful spread."""

from __future__ import annotations

import math

import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from engine.analysis.judging import judge
from engine.analysis.judging.claims import Claim
from engine.analysis.judging.needs import LEAST_SEEDS, MOST_SEEDS, seeds_for, unit_error_of
from engine.analysis.judging.sample import sample
from tests.engine.analysis.judging.made import GAIN, one_factor, outcomes, study

TWO = {"weights": ["scratch", "pretrained"]}
APART = {("a",): 1.0, ("b",): -1.0}


@pytest.mark.parametrize(("effect", "alpha"), [(2.0, 0.05), (1.0, 0.05), (0.7, 0.01), (0.5, 0.025)])
def test_the_fewest_seeds_with_enough_power(effect: float, alpha: float) -> None:
    seeds = seeds_for(0.01, Claim("higher", effect * 0.01), alpha)
    power = TTestPower()
    assert seeds is not None and power.power(effect, seeds, alpha) >= 0.8
    assert seeds == LEAST_SEEDS or power.power(effect, seeds - 1, alpha) < 0.8


def test_a_wide_margin_still_needs_three() -> None:
    assert seeds_for(0.001, Claim("higher", 100.0), 0.05) == LEAST_SEEDS


def test_what_would_take_more_than_the_most_is_not_planned() -> None:
    assert seeds_for(0.01, Claim("higher", 0.0005), 0.05) is None
    assert seeds_for(0.01, Claim("none", 0.0005), 0.05) is None


def test_equality_takes_the_more_seeds_the_narrower_the_margin() -> None:
    wide, narrow = (seeds_for(0.01, Claim("none", margin), 0.05) for margin in (0.02, 0.008))
    assert wide is not None and narrow is not None and wide < narrow < MOST_SEEDS


def test_pictures_that_leave_too_much_open_make_every_number_too_few() -> None:
    assert seeds_for(0.01, Claim("higher", 0.01), 0.05, picture_error=0.02) is None
    assert seeds_for(0.01, Claim("higher", 0.01), 0.05, picture_error=0.001) is not None


def test_the_spread_is_taken_at_its_upper_limit() -> None:
    """With three runs each of the same spread, Satterthwaite's degrees of freedom are four."""
    figures = one_factor(a=(0.60, 0.61, 0.62), b=(0.70, 0.71, 0.72))
    runs = sample([("a",), ("b",)], outcomes(figures), "top1")
    error = unit_error_of(APART, runs, runs)
    assert error == pytest.approx(0.01 * math.sqrt(2) * math.sqrt(4 / stats.chi2.ppf(0.4, 4)))


def test_all_cells_get_the_same_seeds_however_many_runs_they_have() -> None:
    """A study declares its seeds once for all cells."""
    made = study({**GAIN, "margin": 0.02}, factors=TWO)
    figures = one_factor(scratch=(0.60, 0.62, 0.61, 0.615, 0.605), pretrained=(0.62, 0.64, 0.60))
    [judgement] = judge(made, outcomes(figures))
    [need] = judgement.needs
    assert len(need.cells) == 2 and need.seeds is not None and need.reason == "power"


def test_more_contrasts_need_more_seeds() -> None:
    """Four times in five all of them are decided, not each."""
    few, many = (seeds_for(0.01, Claim("higher", 0.01), 0.05, power=1 - 0.2 / count) for count in (1, 3))
    assert few is not None and many is not None and few < many
