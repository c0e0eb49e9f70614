"""Intervals over pictures: of two checkpoints' difference, of a calibration error, and of P(A > B) over data sets."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy.stats import norm

from engine.analysis.ensemble import paired_gain
from engine.analysis.ranking.scores import improvement
from engine.evaluation.metrics import Predictions
from engine.evaluation.reliability import judge_error
from tests.engine.evaluation.test_reliability import drawn, truth
from tests.simulate.scenario import Count, Scenario


def _difference(pictures: int, fixed: float, broken: float, random: np.random.Generator, studies: int) -> Count:
    covered = 0
    right, wrong = np.eye(2, dtype=np.float32)
    places, targets = np.arange(pictures), np.zeros(pictures, np.int64)
    for _ in range(studies):
        chance = random.random(pictures)[:, None]
        one = np.where(chance < fixed, wrong, right)
        other = np.where((chance >= fixed) & (chance < fixed + broken), wrong, right)
        gain = paired_gain(Predictions(places, targets, one), Predictions(places, targets, other))
        covered += gain.low <= fixed - broken <= gain.high
    return Count(covered, studies)


def _calibration_error(pictures: int, gap: float, random: np.random.Generator, studies: int) -> Count:
    true = truth(gap) if gap else 0.0
    found = [judge_error(drawn(pictures, gap, int(random.integers(1 << 31)))) for _ in range(studies)]
    return Count(sum(each.low <= true <= each.high for each in found), studies)


def _improvement(random: np.random.Generator, studies: int) -> Count:
    true, covered = norm.cdf(0.5 / 2**0.5), 0
    for _ in range(studies):
        found = improvement([*random.normal(0.5, 1, (6, 10))], [*random.normal(0, 1, (6, 10))])
        covered += (found.low or 0) <= true <= (found.high or 0)
    return Count(covered, studies)


SCENARIOS = [
    *(Scenario(f"the interval of two checkpoints' difference covers: {pictures:,} pictures, {fixed:.0%} fixed, "
               f"{broken:.0%} broken", 0.94, 1.0, 1000, partial(_difference, pictures, fixed, broken))
      for pictures in (100, 1000) for fixed, broken in ((0.01, 0.01), (0.02, 0.0), (0.05, 0.01), (0.2, 0.1))),
    *(Scenario(f"the interval of the calibration error covers: {pictures:,} pictures, overconfident by {gap:.0%}",
               0.9, 1.0, 200, partial(_calibration_error, pictures, gap))
      for pictures in (100, 360, 1000) for gap in (0.0, 0.05, 0.15)),
    Scenario("the interval of P(A > B) covers: six data sets, ten runs each", 0.9, 0.99, 300, _improvement)]
