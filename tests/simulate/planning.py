"""Whether the seeds that a verdict asks for decide it four times in five."""

from __future__ import annotations

from functools import partial

import numpy as np

from engine.analysis.judging import Verdict, judge
from engine.analysis.judging.looks import Look
from engine.analysis.judging.needs import MOST_SEEDS
from tests.engine.analysis.judging.made import GAIN, study
from tests.simulate.recipes import TRUTH, TWO, _rows
from tests.simulate.scenario import Count, Scenario

_SPREAD = 0.01


def _kept(pilot: int, margin: float, expect: str, random: np.random.Generator, studies: int) -> Count:
    """Judge a pilot, add what it asks for, and judge again; the truth is no difference, or twice the margin."""
    declared = study({**GAIN, "expect": expect, "margin": margin * _SPREAD}, factors=TWO)
    decided = asked = 0
    for number in range(studies):
        true = 2 * margin * _SPREAD if number % 2 and expect != "none" else 0.0
        values = TRUTH + np.array([[0.0], [true]]) + _SPREAD * random.normal(size=(2, MOST_SEEDS + 1))
        [first] = judge(declared, _rows(values[:, :pilot]), look=Look(1, pilot))
        more = max((need.seeds or 0 for need in first.needs), default=0)
        if first.verdict is Verdict.INCONCLUSIVE and more:
            asked += 1
            [second] = judge(declared, _rows(values[:, :pilot + more]), look=Look(2, pilot + more))
            decided += second.verdict is not Verdict.INCONCLUSIVE
    return Count(decided, asked)


SCENARIOS = [
    Scenario(f"the seeds asked for decide it: {'equality' if expect == 'none' else 'a direction'}, margin of {margin:g}"
             f" spreads, {pilot} seeds so far", 0.75, 0.90, 600, partial(_kept, pilot, margin, expect))
    for pilot in (3, 5) for expect in ("higher", "none") for margin in (0.5, 1.0, 2.0)]
