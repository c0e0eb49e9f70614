"""Every promise of the judge is kept in studies with a known truth; ``make simulate`` counts more of them."""

from __future__ import annotations

import pytest

from tests.simulate.__main__ import SCENARIOS, count
from tests.simulate.scenario import Count, Scenario


def test_a_promise_is_kept_within_chance() -> None:
    most = Scenario("", 0.0, 0.05, 1, lambda random, studies: Count(0, studies))
    assert most.met(Count(60, 1000)) and not most.met(Count(80, 1000)) and not most.met(Count(0, 0))
    within = Scenario("", 0.94, 0.99, 1, lambda random, studies: Count(0, studies))
    assert within.met(Count(950, 1000)) and not within.met(Count(900, 1000)) and not within.met(Count(1000, 1000))


def test_every_promise_is_told_once() -> None:
    assert len({scenario.promise for scenario in SCENARIOS}) == len(SCENARIOS) > 40


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.promise)
def test_the_judge_keeps_its_promises(scenario: Scenario) -> None:
    found = count(scenario, share=0.2)
    assert scenario.met(found), f"{found.share:.1%} of {found.trials}"
