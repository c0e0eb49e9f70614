"""What the published numbers of four studies do and do not show: facts, typed in from their tables."""

from __future__ import annotations

from typing import Any

import pytest

from engine.analysis.judging import Judgement, Observed, Verdict, details, judge, need_text, sentence
from engine.study.outcomes import Outcome
from engine.study.study import Study

FRACTIONS = ("1.0", "0.5", "0.2", "0.1")
ERRORS = {
    ("resnet50", "no"): (0.104, 0.149, 0.256, 0.341), ("resnet50", "yes"): (0.039, 0.043, 0.050, 0.067),
    ("vit", "no"): (0.320, 0.373, 0.472, 0.545), ("vit", "yes"): (0.066, 0.072, 0.091, 0.093)}
HARDER = {("resnet50", "no"): 0.323, ("resnet50", "yes"): 0.161, ("vit", "no"): 0.582, ("vit", "yes"): 0.227}


def judged(factors: dict[str, Any], metric: str, figures: dict[tuple[str, ...], float], half: float,
           *hypotheses: dict[str, Any]) -> list[Judgement]:
    study = Study.model_validate({
        "name": "published", "factors": factors, "metric": metric, "only": _patterns(factors, figures),
        "hypotheses": [{"name": f"H{number}", **fields} for number, fields in enumerate(hypotheses, 1)]})
    return judge(study, [Outcome(cell, None, number, {metric: value}, {metric: half}, imported=True)
                         for number, (cell, value) in enumerate(figures.items())])


def _patterns(factors: dict[str, Any], figures: dict[tuple[str, ...], float]) -> list[dict[str, str]]:
    return [dict(zip(factors, cell, strict=True)) for cell in figures]


def robustness(*hypotheses: dict[str, Any]) -> list[Judgement]:
    figures = {("CIFAR10", *of, fraction): error for of, row in ERRORS.items()
               for fraction, error in zip(FRACTIONS, row, strict=True)}
    figures |= {("CIFAR100", *of, "1.0"): error for of, error in HARDER.items()}
    factors = {"dataset": ["CIFAR10", "CIFAR100"], "model": ["resnet50", "vit"], "pretrained": ["no", "yes"],
               "train_fraction": [1.0, 0.5, 0.2, 0.1]}
    return judged(factors, "top1_error", figures, 0.0005, *hypotheses)


FROM_SCRATCH = {"dataset": "CIFAR10", "pretrained": "no"}
STEEPER = {"kind": "interaction", "between": {"train_fraction": [0.1, 1.0]}, "change": {"model": ["vit", "resnet50"]},
           "at": FROM_SCRATCH}


def test_less_data_costs_the_transformer_no_more() -> None:
    """ResNet +23.7 points from all to a tenth of the data, ViT +22.5: one run each, and against the claim."""
    [judgement] = robustness(STEEPER)
    [contrast] = judgement.parts[0].contrasts
    assert contrast.absolute is not None and contrast.absolute.value == pytest.approx(0.225 - 0.237)
    assert contrast.rounding == pytest.approx(0.002)
    assert judgement.observed is Observed.AGAINST and judgement.verdict is Verdict.INCONCLUSIVE
    text = sentence(judgement)
    assert "H1 is inconclusive: the results so far contradict it." in text
    assert "at vit is 1.2 points below that at resnet50 (±0.2 points by rounding)" in text
    assert [need_text(need) for need in judgement.needs] == [
        "Needs 2 more seeds in each of 4 cells, to have three in each."]


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_nor_is_its_slope_over_all_fractions_steeper(scale: str) -> None:
    [judgement] = robustness({"kind": "trend", "over": "train_fraction", "between": {"model": ["vit", "resnet50"]},
                              "at": FROM_SCRATCH, "scale": scale, "expect": "lower"})
    assert judgement.observed is Observed.AGAINST and judgement.verdict is Verdict.INCONCLUSIVE
    assert len(judgement.needs[0].cells) == 8 and judgement.needs[0].seeds == 2


def test_difficulty_costs_more_points_but_a_smaller_factor() -> None:
    """From scratch +26.2 against +21.9 points, but ×1.8 against ×3.1; pretrained ×3.4 against ×4.1."""
    [judgement] = robustness({"kind": "interaction", "between": {"dataset": ["CIFAR100", "CIFAR10"]},
                              "change": {"model": ["vit", "resnet50"]}, "each": ["pretrained"]})
    scratch, pretrained = (part.contrasts[0] for part in judgement.parts)
    assert scratch.absolute is not None and scratch.relative is not None
    assert scratch.absolute.value == pytest.approx(0.262 - 0.219)
    assert scratch.relative.value == pytest.approx((0.582 / 0.320) / (0.323 / 0.104))
    assert pretrained.relative is not None
    assert pretrained.relative.value == pytest.approx((0.227 / 0.066) / (0.161 / 0.039))
    assert judgement.observed is Observed.AGREES and judgement.observed_relative is Observed.AGAINST
    assert judgement.scales_disagree and judgement.verdict is Verdict.INCONCLUSIVE
    assert sentence(judgement).count("Not tested: a cell has one run") == 1
    assert "As a ratio of ratios: ×0.59." in details(judgement)
    assert any("The scales disagree" in line for line in details(judgement))
    assert any("두 척도가 엇갈린다" in line for line in details(judgement, "ko"))
    assert [(need.seeds, len(need.cells)) for need in judgement.needs] == [(2, 8)]


TOP1 = {("resnet50", "default", "no"): 0.4588, ("resnet50", "mixup", "no"): 0.5461,
        ("resnet50", "cutmix", "no"): 0.5750, ("vit", "default", "no"): 0.2383,
        ("vit", "mixup", "no"): 0.2773, ("vit", "cutmix", "no"): 0.1863,
        ("resnet50", "default", "yes"): 0.6367, ("resnet50", "mixup", "yes"): 0.6864,
        ("resnet50", "cutmix", "yes"): 0.7045, ("vit", "default", "yes"): 0.4379, ("vit", "mixup", "yes"): 0.5278,
        ("vit", "cutmix", "yes"): 0.5648}


def mixing(*hypotheses: dict[str, Any]) -> list[Judgement]:
    factors = {"model": ["resnet50", "vit"], "augment": ["default", "mixup", "cutmix"], "pretrained": ["no", "yes"]}
    return judged(factors, "top1", TOP1, 0.00005, *hypotheses)


def test_a_ranking_that_its_own_row_contradicts() -> None:
    """Told as MixUp > CutMix > Default for a ViT from scratch, whose row says 27.73, 18.63, 23.83."""
    [judgement] = mixing({"kind": "ordering", "order": {"augment": ["mixup", "cutmix", "default"]},
                          "at": {"model": "vit", "pretrained": "no"}})
    assert [contrast.observed for contrast in judgement.parts[0].contrasts] == [Observed.AGREES, Observed.AGAINST]
    assert judgement.observed is Observed.AGAINST
    assert "augment cutmix is 5.20 points below default" in sentence(judgement)


def test_mixup_helps_the_other_network_more_once_pretrained() -> None:
    """ResNet +8.7 → +5.0, ViT +3.9 → +9.0."""
    [judgement] = mixing({"kind": "interaction", "between": {"augment": ["mixup", "default"]},
                          "change": {"model": ["vit", "resnet50"]}, "each": ["pretrained"]})
    values = [part.contrasts[0].absolute for part in judgement.parts]
    assert [round(value.value * 100, 2) for value in values if value] == [-4.83, 4.02]
    assert [part.observed for part in judgement.parts] == [Observed.AGAINST, Observed.AGREES]
    assert judgement.observed is Observed.AGAINST


VGG = {"a": 0.783, "b": 0.798, "c": 0.771, "d": 0.785, "e": 0.732}


def test_the_best_is_not_the_one_that_was_called_so() -> None:
    figures = {(model,): accuracy for model, accuracy in VGG.items()}
    factors = {"model": {model: f"tinyvgg_{model}" for model in VGG}}
    claimed, true = judged(factors, "top1", figures, 0.0005, {"kind": "best", "best": {"model": "d"}},
                           {"kind": "best", "best": {"model": "b"}})
    assert claimed.observed is Observed.AGAINST and true.observed is Observed.AGREES
    assert "model d is 1.3 points below b" in sentence(claimed)


def test_figures_that_rounding_hides_are_no_difference() -> None:
    """Scratch and pretrained ResNet-50 both print 0.68."""
    [judgement] = judged({"pretrained": ["no", "yes"]}, "top1", {("no",): 0.68, ("yes",): 0.68}, 0.005,
                         {"kind": "difference", "between": {"pretrained": ["yes", "no"]}})
    assert judgement.observed is Observed.EQUAL
    assert "pretrained yes and no differ by 0 points (±1 points by rounding)" in sentence(judgement)
