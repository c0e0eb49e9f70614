"""Under each verdict: what excluded runs, other margins and single seeds would make of it."""

from __future__ import annotations

from typing import Any

from engine.analysis.judging import Judgement, Verdict, details, judge, sentence
from engine.analysis.judging.looks import Look
from engine.analysis.judging.sensitivity import with_variants
from tests.engine.analysis.judging.made import GAIN, one_factor, outcomes, study

TWO: dict[str, Any] = {"weights": ["scratch", "pretrained"]}
LOW, HIGH = (0.60, 0.61, 0.59, 0.605), (0.70, 0.72, 0.69, 0.705)


def judged(figures: dict[tuple[str, ...], Any], claim: dict[str, Any], kept_out: tuple[int, ...] = (),
           look: Look | None = None) -> Judgement:
    made, rows, look = study(claim, factors=TWO), outcomes(figures), look or Look()
    [found] = with_variants(judge(made, rows, kept_out, look), made, rows, kept_out, look)
    return found


def test_excluded_runs_that_make_the_verdict_are_told_first() -> None:
    found = judged(one_factor(scratch=LOW, pretrained=(*HIGH[:3], 0.1)), GAIN, kept_out=(8,))
    assert found.verdict is Verdict.SUPPORTED and found.turned is not None
    assert sentence(found).startswith("H1 is supported only without the excluded runs (1); with them it is inconcl")
    assert "With the excluded runs (1) counted as a property of their recipes: inconclusive." in details(found)
    assert sentence(found, "ko").startswith("H1 지지됨, 실행 1개를 제외했을 때만")


def test_excluded_runs_that_change_nothing_are_a_line_among_the_details() -> None:
    found = judged(one_factor(scratch=LOW, pretrained=(*HIGH[:3], 0.69)), GAIN, kept_out=(8,))
    assert found.turned is None and sentence(found).startswith("H1 is supported: ")
    assert "With the excluded runs (1) counted as a property of their recipes: supported." in details(found)


def test_other_margins_are_tried() -> None:
    """+10.25 points are more than 8, and than 4, but not than 16."""
    lines = details(judged(one_factor(scratch=LOW, pretrained=HIGH), {**GAIN, "margin": 0.08}))
    assert "At half the margin: supported." in lines and "At twice the margin: refuted." in lines
    plain = details(judged(one_factor(scratch=LOW, pretrained=HIGH), GAIN))
    assert not any("margin" in line for line in plain)


def test_a_seed_that_alone_makes_the_verdict_is_named() -> None:
    """Without seed 3, the differences of 10, 10 and 10.4 points vary little enough."""
    figures = one_factor(scratch=(0.60, 0.61, 0.59, 0.60), pretrained=(0.70, 0.71, 0.694, 0.52))
    assert "Leaving out one of the seeds 3: supported." in details(judged(figures, GAIN))
    steady = one_factor(scratch=LOW, pretrained=tuple(value + 0.1 + 0.0001 * place for place, value in enumerate(LOW)))
    assert "Leaving out any one seed: supported." in details(judged(steady, GAIN))


def test_a_withheld_verdict_has_no_variants() -> None:
    found = judged(one_factor(scratch=LOW, pretrained=HIGH), GAIN, look=Look(1, 5, {("scratch",): 1}))
    assert found.verdict is Verdict.WITHHELD and found.variants == ()
