"""A hypothesis becomes the weighted sum that its words mean, over like cells alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine.errors import UserError
from engine.study.contrasts import Contrast, contrasts_of
from engine.study.study import Study

FRACTIONS = ["1.0", "0.5", "0.2", "0.1"]
ROBUSTNESS: dict[str, Any] = {
    "name": "robustness", "metric": "top1_error",
    "factors": {"dataset": ["CIFAR10", "CIFAR100"], "model": ["resnet50", "vit"], "weights": ["scratch", "pretrained"],
                "train_fraction": [1.0, 0.5, 0.2, 0.1]},
    "leave_out": [{"dataset": "CIFAR100", "train_fraction": [0.5, 0.2, 0.1]}],
}


def made(**fields: Any) -> list[list[Contrast]]:
    study = Study.model_validate({**ROBUSTNESS, "hypotheses": [{"name": "H", **fields}]})
    return [list(part.contrasts) for part in contrasts_of(study, study.hypotheses[0])]


def only(**fields: Any) -> Contrast:
    [[contrast]] = made(**fields)
    return contrast


def test_a_difference_is_one_cell_minus_another() -> None:
    contrast = only(kind="difference", between={"weights": ["pretrained", "scratch"]},
                    at={"dataset": "CIFAR10", "model": "vit", "train_fraction": 0.1})
    assert contrast.weights == {("CIFAR10", "vit", "pretrained", "0.1"): 1.0,
                                ("CIFAR10", "vit", "scratch", "0.1"): -1.0}
    assert contrast.title == "weights pretrained − scratch"


def test_factors_named_nowhere_are_averaged_over_cells_alike() -> None:
    contrast = only(kind="difference", between={"weights": ["pretrained", "scratch"]}, at={"dataset": "CIFAR10"})
    assert len(contrast.weights) == 16 and contrast.averaged == 8
    assert sorted({round(weight, 6) for weight in contrast.weights.values()}) == [-0.125, 0.125]


def test_unlike_cells_are_never_averaged() -> None:
    """CIFAR-100 was run at fraction 1.0 alone, so only there may it be compared with CIFAR-10."""
    contrast = only(kind="difference", between={"dataset": ["CIFAR100", "CIFAR10"]})
    assert {cell[-1] for cell in contrast.weights} == {"1.0"}
    assert contrast.averaged == 4 and contrast.unmatched == 12


def test_an_interaction_is_a_difference_of_differences() -> None:
    contrast = only(kind="interaction", between={"dataset": ["CIFAR100", "CIFAR10"]},
                    change={"model": ["vit", "resnet50"]}, at={"weights": "scratch", "train_fraction": 1.0})
    assert {cell[:2]: weight for cell, weight in contrast.weights.items()} == {
        ("CIFAR100", "vit"): 1.0, ("CIFAR10", "vit"): -1.0,
        ("CIFAR100", "resnet50"): -1.0, ("CIFAR10", "resnet50"): 1.0}


def test_changes_nest_to_any_order() -> None:
    contrast = only(kind="interaction", between={"train_fraction": ["0.1", "1.0"]}, at={"dataset": "CIFAR10"},
                    change=[{"model": ["vit", "resnet50"]}, {"weights": ["pretrained", "scratch"]}])
    signs = {"0.1": 1, "1.0": -1, "vit": 1, "resnet50": -1, "pretrained": 1, "scratch": -1}
    assert len(contrast.weights) == 8
    assert all(weight == math.prod(signs[level] for level in cell[1:]) for cell, weight in contrast.weights.items())
    assert contrast.title == "((train_fraction 0.1 − 1.0) [vit] − [resnet50]) [pretrained] − [scratch]"
    assert contrast.sides == ("(train_fraction 0.1 − 1.0) [vit] − [resnet50]", "pretrained", "scratch")


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_trend_is_the_fitted_change_from_end_to_end(scale: str) -> None:
    contrast = only(kind="trend", over="train_fraction", scale=scale,
                    at={"dataset": "CIFAR10", "model": "vit", "weights": "scratch"})
    values = {"1.0": 0.320, "0.5": 0.373, "0.2": 0.472, "0.1": 0.545}
    places = np.array([float(label) for label in FRACTIONS])
    axis = np.log(places) if scale == "log" else places
    slope = np.polyfit(axis, [values[label] for label in FRACTIONS], 1)[0]
    total = sum(weight * values[cell[-1]] for cell, weight in contrast.weights.items())
    assert total == pytest.approx(slope * (axis.max() - axis.min()))
    assert contrast.title == "train_fraction 0.1 → 1.0"


def test_a_trend_of_a_difference_keeps_to_data_sets_with_all_levels() -> None:
    contrast = only(kind="trend", over="train_fraction", between={"model": ["vit", "resnet50"]})
    assert {cell[0] for cell in contrast.weights} == {"CIFAR10"}
    assert sum(contrast.weights.values()) == pytest.approx(0)
    assert contrast.unmatched == 2


def test_each_level_is_a_part_and_an_ordering_its_neighbours() -> None:
    parts = made(kind="ordering", order={"train_fraction": FRACTIONS}, expect="lower", each=["weights", "model"],
                 at={"dataset": "CIFAR10"})
    assert [len(part) for part in parts] == [3, 3, 3, 3]
    assert parts[0][2].title == "train_fraction 0.2 − 0.1"


def test_the_best_is_compared_with_every_other_cell_there_is() -> None:
    [part] = made(kind="best", best={"weights": "pretrained", "model": "resnet50"}, at={"dataset": "CIFAR10"})
    assert [contrast.title for contrast in part] == [
        "weights pretrained, model resnet50 − weights scratch, model resnet50",
        "weights pretrained, model resnet50 − weights scratch, model vit",
        "weights pretrained, model resnet50 − weights pretrained, model vit"]


def test_levels_of_each_without_cells_are_no_parts() -> None:
    assert len(made(kind="trend", over="train_fraction", each=["dataset"])) == 1


@pytest.mark.parametrize("fields", [
    {"kind": "difference", "between": {"weights": ["pretrained", "scratch"]}},
    {"kind": "interaction", "between": {"weights": ["pretrained", "scratch"]},
     "change": {"model": ["vit", "resnet50"]}},
    {"kind": "trend", "over": "train_fraction", "scale": "log"},
    {"kind": "ordering", "order": {"model": ["vit", "resnet50"]}, "each": ["dataset"]},
    {"kind": "best", "best": {"model": "vit"}},
])
def test_weights_sum_to_zero(fields: dict[str, Any]) -> None:
    for part in made(**fields):
        for contrast in part:
            assert sum(contrast.weights.values()) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("fields", "message"), [
    ({"kind": "difference", "between": {"wieghts": ["pretrained", "scratch"]}}, "'wieghts' is not a factor"),
    ({"kind": "difference", "between": {"weights": ["pretraind", "scratch"]}}, "did you mean pretrained"),
    ({"kind": "difference", "between": {"weights": ["scratch", "scratch"]}}, "names a level twice"),
    ({"kind": "difference", "between": {"weights": ["pretrained", "scratch"]}, "at": {"weights": "scratch"}},
     "already used in between"),
    ({"kind": "difference", "between": {"weights": ["pretrained", "scratch"]}, "each": ["model", "model"]},
     "already used in each"),
    ({"kind": "difference", "between": {"weights": ["pretrained", "scratch"]},
      "at": {"dataset": "CIFAR100", "train_fraction": 0.1}}, "cells that do not exist"),
    ({"kind": "interaction", "between": {"weights": ["pretrained", "scratch"]},
      "change": [{"model": ["vit", "resnet50"]}, {"model": ["resnet50", "vit"]}]}, "already used in change"),
    ({"kind": "trend", "over": "model"}, "no number"),
    ({"kind": "trend", "over": "train_fraction", "at": {"dataset": "CIFAR100"}}, "cells that do not exist"),
    ({"kind": "ordering", "order": {"model": ["vit"]}}, "two levels or more"),
    ({"kind": "ordering", "order": {"model": ["vit", "resnet50"], "train_fraction": FRACTIONS}},
     "same number of levels"),
])
def test_an_impossible_comparison_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        made(**fields)
    assert "\n" not in str(caught.value) and str(caught.value).startswith("hypotheses: H: ")
