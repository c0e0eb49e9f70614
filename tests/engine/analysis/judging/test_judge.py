"""Verdicts follow from intervals and corrected p-values, and stay open where there is no telling."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_paired

from engine.analysis.judging import Judgement, Observed, Verdict, judge
from engine.study.outcomes import Outcome
from tests.engine.analysis.judging.made import GAIN, one_factor, outcomes, study

TWO: dict[str, Any] = {"weights": ["scratch", "pretrained"]}
LOW = (0.60, 0.61, 0.59, 0.605)
HIGH = (0.70, 0.72, 0.69, 0.705)
NEAR = (0.6010, 0.6095, 0.5905, 0.6050)


def judged(figures: dict[tuple[str, ...], Any], *hypotheses: dict[str, Any], seeds: bool = True, rounding: float = 0.0,
           kept_out: tuple[int, ...] = (), **fields: Any) -> list[Judgement]:
    made = study(*hypotheses, **{"factors": TWO, **fields})
    return judge(made, outcomes(figures, made.metric, seeds, rounding), kept_out)


@pytest.mark.parametrize(("expect", "verdict", "observed"), [
    ("higher", Verdict.SUPPORTED, Observed.AGREES), ("lower", Verdict.REFUTED, Observed.AGAINST)])
def test_a_clear_difference_supports_one_direction_and_refutes_the_other(
        expect: str, verdict: Verdict, observed: Observed) -> None:
    [judgement] = judged(one_factor(scratch=LOW, pretrained=HIGH), {**GAIN, "expect": expect})
    assert judgement.verdict is verdict and judgement.relative_verdict is verdict and judgement.observed is observed
    [contrast] = judgement.parts[0].contrasts
    assert contrast.test == "paired" and not judgement.needs and not judgement.scales_disagree
    assert contrast.absolute is not None and contrast.absolute.value == pytest.approx(0.1025)
    assert contrast.relative is not None and contrast.relative.low is not None and contrast.relative.low > 1
    assert contrast.relative.value == pytest.approx(math.exp(np.mean(np.log(HIGH)) - np.mean(np.log(LOW))))
    assert contrast.effect is not None and contrast.effect > 5


def test_one_run_each_is_inconclusive_and_needs_two_more() -> None:
    [judgement] = judged(one_factor(scratch=[0.6], pretrained=[0.7]), GAIN)
    assert judgement.verdict is judgement.relative_verdict is Verdict.INCONCLUSIVE
    assert judgement.observed is Observed.AGREES and judgement.tested == 0
    assert [(need.seeds, need.reason, len(need.cells)) for need in judgement.needs] == [(2, "three", 2)]
    contrast = judgement.parts[0].contrasts[0]
    assert contrast.absolute is not None and contrast.absolute.p is None and contrast.untested == "one run"


def test_a_spread_known_from_other_cells_tells_how_many_seeds() -> None:
    """Cells of model c were repeated, so that the seeds of a, run once, are planned by their spread."""
    figures = {("a", "scratch"): [0.60], ("a", "pretrained"): [0.62], ("b", "scratch"): [0.60],
               ("b", "pretrained"): [0.605], ("c", "scratch"): [0.60, 0.61, 0.59],
               ("c", "pretrained"): [0.7, 0.71, 0.69]}
    plain, near, nearer, _ = judged(
        figures, *({**GAIN, "at": {"model": "a"}, "margin": margin} for margin in (0.0, 0.03, 0.0005)),
        {**GAIN, "at": {"model": "c"}}, factors={"model": ["a", "b", "c"], **TWO})
    [doubled], [need], [more] = plain.needs, near.needs, nearer.needs
    assert (doubled.reason, doubled.seeds) == ("no margin", 2)
    assert need.reason == "power" and need.seeds is not None and 3 < need.seeds < 20
    assert more.reason == "too many" and more.seeds is None


def test_a_missing_cell_leaves_it_open_and_is_asked_for() -> None:
    [judgement] = judged(one_factor(pretrained=HIGH), GAIN)
    assert judgement.observed is Observed.UNKNOWN and judgement.verdict is Verdict.INCONCLUSIVE
    assert [(need.cells, need.seeds, need.reason) for need in judgement.needs] == [((("scratch",),), 3, "no run")]
    assert judgement.parts[0].contrasts[0].absolute is None


def test_no_results_at_all_leave_everything_open() -> None:
    [judgement] = judged({}, GAIN)
    assert judgement.verdict is Verdict.INCONCLUSIVE and judgement.observed is Observed.UNKNOWN


def test_runs_kept_out_count_for_nothing_and_a_cell_of_them_is_missing() -> None:
    figures = one_factor(scratch=LOW, pretrained=(*HIGH[:3], 0.1))
    [spoilt] = judged(figures, GAIN)
    [mended] = judged(figures, GAIN, kept_out=(8,))
    assert spoilt.verdict is Verdict.INCONCLUSIVE and mended.verdict is Verdict.SUPPORTED
    assert mended.parts[0].contrasts[0].test == "mixed"
    assert [note.key for note in mended.notes] == ["kept out"]
    [emptied] = judged(figures, GAIN, kept_out=(5, 6, 7, 8))
    assert emptied.observed is Observed.UNKNOWN
    assert [(need.reason, need.seeds) for need in emptied.needs] == [("excluded", 3)]


def test_repeats_that_all_agree_are_no_proof() -> None:
    [judgement] = judged(one_factor(scratch=[0.6] * 3, pretrained=[0.7] * 3), GAIN)
    assert judgement.verdict is Verdict.INCONCLUSIVE and judgement.observed is Observed.AGREES
    assert not judgement.needs and [note.key for note in judgement.notes] == ["no spread"]


def test_two_seeds_are_tested_but_prove_little() -> None:
    [judgement] = judged(one_factor(scratch=LOW[:2], pretrained=HIGH[:2]), GAIN)
    [contrast] = judgement.parts[0].contrasts
    assert contrast.test == "paired" and contrast.df == 1
    assert judgement.needs == () or judgement.needs[0].seeds is not None


def test_figures_that_are_no_numbers_or_of_another_metric_are_no_results() -> None:
    made = study(GAIN, factors=TWO)
    rows = [*outcomes(one_factor(scratch=[0.6], pretrained=[math.nan])), Outcome(("pretrained",), 5, 9, {"loss": 1.0})]
    [judgement] = judge(made, rows)
    assert judgement.observed is Observed.UNKNOWN


def test_a_seed_that_ran_twice_is_one_seed() -> None:
    rows = [Outcome((label,), 0, run, {"top1": value}) for run, (label, value) in enumerate(
        [("scratch", 0.6), ("scratch", 0.62), ("pretrained", 0.7), ("pretrained", 0.72)], 1)]
    [judgement] = judge(study(GAIN, factors=TWO), rows)
    assert not judgement.parts[0].contrasts[0].test and judgement.needs[0].seeds == 2


def test_zeros_have_no_ratio_and_bounds_are_told() -> None:
    [zero] = judged(one_factor(scratch=[0.0, 0.1, 0.05], pretrained=[1.0, 0.9, 1.0]), GAIN)
    [contrast] = zero.parts[0].contrasts
    assert zero.verdict is Verdict.SUPPORTED and contrast.relative is None
    assert zero.relative_verdict is Verdict.INCONCLUSIVE and not zero.scales_disagree
    notes = {note.key: note.values for note in zero.notes}
    assert "no ratio" in notes and notes["at bound"]["count"] == 3


def test_a_margin_is_what_a_difference_must_exceed() -> None:
    """+10.25 points: more than 5, not more than 15, and certainly less than 30."""
    figures = one_factor(scratch=LOW, pretrained=HIGH)
    verdicts = [judged(figures, {**GAIN, "margin": margin})[0] for margin in (0.05, 0.15, 0.10)]
    assert [each.verdict for each in verdicts] == [Verdict.SUPPORTED, Verdict.REFUTED, Verdict.INCONCLUSIVE]
    assert verdicts[1].observed is Observed.EQUAL
    assert all(each.relative_verdict is None and not each.scales_disagree for each in verdicts)
    ratios = [each.parts[0].contrasts[0].relative for each in verdicts]
    assert all(ratio is not None and ratio.low is not None and ratio.p is None for ratio in ratios)
    [both] = judged(figures, {**GAIN, "margin": 0.05, "ratio_margin": 1.25})
    assert both.verdict is Verdict.SUPPORTED and both.relative_verdict is Verdict.REFUTED and both.scales_disagree


def test_a_difference_that_does_not_matter_refutes_one_that_should() -> None:
    [judgement] = judged(one_factor(scratch=LOW, pretrained=NEAR), GAIN, margin=0.02)
    assert judgement.margin == 0.02 and judgement.verdict is Verdict.REFUTED and judgement.observed is Observed.EQUAL


def test_the_studys_margin_is_for_its_own_metric() -> None:
    made = study({**GAIN, "metric": "loss"}, {**GAIN, "metric": "loss", "margin": 0.5}, GAIN, factors=TWO, margin=0.02)
    assert [judgement.margin for judgement in judge(made, [])] == [0.0, 0.5, 0.02]


def test_equality_is_supported_within_a_margin_only_as_by_statsmodels() -> None:
    same = {**GAIN, "expect": "none", "margin": 0.005}
    [judgement] = judged(one_factor(scratch=LOW, pretrained=NEAR), same)
    [contrast] = judgement.parts[0].contrasts
    expected = ttost_paired(np.array(NEAR), np.array(LOW), -0.005, 0.005)[0]
    assert contrast.absolute is not None and contrast.absolute.p == pytest.approx(expected)
    assert judgement.verdict is Verdict.SUPPORTED and judgement.observed is Observed.AGREES
    [without] = judged(one_factor(scratch=LOW, pretrained=NEAR), {**same, "margin": None})
    assert without.verdict is Verdict.INCONCLUSIVE and [note.key for note in without.notes] == ["no margin"]
    assert not without.needs
    [refuted] = judged(one_factor(scratch=LOW, pretrained=HIGH), same)
    assert refuted.verdict is Verdict.REFUTED and refuted.observed is Observed.AGAINST


def test_holm_counts_all_tests_of_the_study_on_all_metrics() -> None:
    random = np.random.default_rng(4)
    made = study(*({**GAIN, "at": {"model": model}, "metric": metric}
                   for model in "abc" for metric in ("top1", "loss")))
    rows = [Outcome(cell, seed, run, {"top1": random.uniform(0.5, 0.6) + 0.03 * (cell[1] == "pretrained"),
                                      "loss": random.uniform(0.5, 0.6)})
            for run, (cell, seed) in enumerate((cell, seed) for cell in made.cells for seed in range(4))]
    found = [judgement.parts[0].contrasts[0].absolute for judgement in judge(made, rows)]
    alone = [each.p for each in found if each and each.p is not None]
    adjusted = [each.p_holm for each in found if each]
    assert adjusted == pytest.approx(list(multipletests(alone, method="holm")[1]))
    assert {judgement.tested for judgement in judge(made, rows)} == {6}


def test_what_only_correction_takes_away_is_told() -> None:
    figures = {(model, weights): values for model in "abc"
               for weights, values in (("scratch", (0.60, 0.61, 0.59)), ("pretrained", (0.62, 0.626, 0.618)))}
    found = judged(figures, *({**GAIN, "at": {"model": model}} for model in "abc"),
                   factors={"model": ["a", "b", "c"], **TWO})
    assert all(each.verdict is Verdict.INCONCLUSIVE for each in found)
    assert all("uncorrected" in [note.key for note in each.notes] for each in found)


MODELS = {"factors": {"model": ["a", "b", "c"]}}


def test_an_ordering_holds_only_if_each_step_does() -> None:
    steps = one_factor(a=[0.9, 0.91, 0.905], b=[0.8, 0.812, 0.806], c=[0.7, 0.708, 0.703])
    order = {"kind": "ordering", "order": {"model": ["a", "b", "c"]}}
    assert judged(steps, order, **MODELS)[0].verdict is Verdict.SUPPORTED
    assert judged(steps, {**order, "expect": "lower"}, **MODELS)[0].verdict is Verdict.REFUTED
    [swapped] = judged(steps, {"kind": "ordering", "order": {"model": ["a", "c", "b"]}}, **MODELS)
    assert swapped.verdict is Verdict.REFUTED and swapped.observed is Observed.AGAINST
    [halfway] = judged({**steps, ("c",): [0.79, 0.83, 0.80]}, order, **MODELS)
    assert halfway.verdict is Verdict.INCONCLUSIVE


def test_an_ordering_is_refuted_by_one_step_even_if_another_is_unknown() -> None:
    order = {"kind": "ordering", "order": {"model": ["a", "b", "c"]}}
    [judgement] = judged(one_factor(a=[0.7, 0.708, 0.703], b=[0.9, 0.91, 0.905], c=[0.8]), order, **MODELS)
    assert judgement.verdict is Verdict.REFUTED
    [open_] = judged(one_factor(a=[0.9, 0.91, 0.905], b=[0.7, 0.708, 0.703], c=[0.6]), order, **MODELS)
    assert open_.verdict is Verdict.INCONCLUSIVE and open_.observed is Observed.AGREES


def test_a_part_decides_the_whole_only_against_it() -> None:
    """One level against refutes; one level for is not enough."""
    figures = {("a", "scratch"): LOW, ("a", "pretrained"): HIGH, ("b", "scratch"): HIGH, ("b", "pretrained"): LOW}
    factors = {"model": ["a", "b"], **TWO}
    [judgement] = judged(figures, {**GAIN, "each": ["model"]}, factors=factors)
    assert [part.verdict for part in judgement.parts] == [Verdict.SUPPORTED, Verdict.REFUTED]
    assert judgement.verdict is Verdict.REFUTED
    [undecided] = judged({**figures, ("b", "pretrained"): [0.7]}, {**GAIN, "each": ["model"]}, factors=factors)
    assert undecided.verdict is Verdict.INCONCLUSIVE


def test_scales_that_point_both_ways_are_told_when_either_is_decided() -> None:
    """Errors 10 → 20 % and 40 → 55 %: 5 points more, yet a factor of 1.4 and not of 2."""
    wiggle = np.array([0.001, -0.001, 0.0005])
    figures = {("a", "scratch"): 0.10 + wiggle, ("a", "pretrained"): 0.20 - wiggle,
               ("b", "scratch"): 0.40 + wiggle, ("b", "pretrained"): 0.55 + 2 * wiggle}
    [judgement] = judged(figures, {"kind": "interaction", "between": {"weights": ["pretrained", "scratch"]},
                                   "change": {"model": ["b", "a"]}}, metric="top1_error",
                         factors={"model": ["a", "b"], **TWO})
    assert judgement.verdict is Verdict.SUPPORTED and judgement.relative_verdict is Verdict.REFUTED
    assert judgement.scales_disagree


def test_seeds_unknown_are_never_paired() -> None:
    [judgement] = judged(one_factor(scratch=LOW, pretrained=HIGH), GAIN, seeds=False)
    assert judgement.parts[0].contrasts[0].test == "welch" and judgement.verdict is Verdict.SUPPORTED


def test_no_verdict_on_what_printed_digits_hide() -> None:
    [judgement] = judged(one_factor(scratch=[0.60, 0.60, 0.61], pretrained=[0.61, 0.61, 0.62]), GAIN, rounding=0.005,
                         seeds=False)
    assert judgement.observed is Observed.EQUAL and judgement.verdict is Verdict.INCONCLUSIVE
    assert "rounding" in [note.key for note in judgement.notes]
