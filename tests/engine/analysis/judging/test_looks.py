"""Looks at a study's verdicts, and what each of them spends."""

from __future__ import annotations

import pytest

from engine.analysis.judging import Verdict, judge, need_text, sentence
from engine.analysis.judging.looks import Look
from tests.engine.analysis.judging.made import GAIN, one_factor, outcomes, study

TWO = {"weights": ["scratch", "pretrained"]}
CLEAR = {"scratch": (0.60, 0.61, 0.59), "pretrained": (0.70, 0.71, 0.695)}


def test_all_looks_together_spend_five_percent() -> None:
    spent = [Look(number).alpha for number in range(1, 60)]
    assert spent[:3] == [0.04, 0.005, 0.0025] and sum(spent) == pytest.approx(0.05)


def test_a_claim_must_be_below_what_its_look_spends() -> None:
    rows = outcomes(one_factor(scratch=(0.60, 0.61, 0.59), pretrained=(0.64, 0.67, 0.66)))
    [alone] = judge(study(GAIN, factors=TWO), rows)
    [later] = judge(study(GAIN, factors=TWO), rows, look=Look(2, 3))
    assert 0.005 < (alone.parts[0].p_holm or 1) < 0.04
    assert (alone.verdict, later.verdict) == (Verdict.SUPPORTED, Verdict.INCONCLUSIVE)


def test_a_part_is_withheld_until_its_planned_seeds_are_in() -> None:
    made = study({**GAIN, "each": ["model"]})
    figures = {(model, weights): CLEAR[weights] for model in "abc" for weights in CLEAR}
    [judgement] = judge(made, outcomes(figures), look=Look(1, 5, {("b", "scratch"): 2}))
    assert [part.verdict for part in judgement.parts] == [Verdict.SUPPORTED, Verdict.WITHHELD, Verdict.SUPPORTED]
    assert judgement.verdict is Verdict.WITHHELD and judgement.tested == 3
    assert "3 of 5 planned seeds are in" in sentence(judgement)
    assert "5개 가운데 3개" in sentence(judgement, "ko")
    [held] = judgement.parts[1].contrasts
    assert held.absolute is not None and held.absolute.p is None and held.absolute.low is None


def test_one_refuted_part_decides_before_the_others_are_in() -> None:
    made = study({**GAIN, "each": ["model"], "expect": "lower"})
    figures = {(model, weights): CLEAR[weights] for model in "abc" for weights in CLEAR}
    [judgement] = judge(made, outcomes(figures), look=Look(1, 5, {("b", "scratch"): 2}))
    assert judgement.verdict is Verdict.REFUTED


def test_what_is_asked_for_is_planned_at_the_next_look() -> None:
    rows = outcomes(one_factor(scratch=(0.60, 0.63, 0.59), pretrained=(0.63, 0.63, 0.64)))
    made = study({**GAIN, "margin": 0.02}, factors=TWO)
    [first], [later] = (judge(made, rows, look=Look(number, 3)) for number in (1, 3))
    assert first.needs[0].seeds and later.needs[0].seeds
    assert later.needs[0].seeds > first.needs[0].seeds and "four times in five" in need_text(later.needs[0])
