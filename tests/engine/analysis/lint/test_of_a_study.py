"""Each rule about a study fires on what it names, and a sound study has no warning."""

from __future__ import annotations

from typing import Any

import pytest

from engine.analysis.lint import STUDY_RULES, lint_study, run_rules
from engine.study.study import Study
from engine.study.templates import TEMPLATES, template
from engine.tasks import TASKS

SOUND: dict[str, Any] = {
    "name": "sound", "factors": {"augmentation": ["default", "vgg"]}, "settings": {"dataset": "FashionMNIST"},
    "hypotheses": [{"name": "H1", "kind": "difference", "between": {"augmentation": ["vgg", "default"]}}]}
FRACTION = {"train_fraction": [0.1, 1.0]}
SETS = {"data set": {"a": {"dataset": "CIFAR10"}, "b": {"dataset": "CIFAR100"}}}
H1 = SOUND["hypotheses"][0]
MODELS = {"factors": {"model": ["resnet18", "resnet34"], "augmentation": ["default", "vgg"]}, "hypotheses": [
    {"name": "H1", "kind": "difference", "between": {"model": ["resnet34", "resnet18"]}}]}


def vgg_has(**options: Any) -> dict[str, Any]:
    return {"adjust": [{"when": {"augmentation": "vgg"}, "set": options}]}


def one_model_has(**options: Any) -> dict[str, Any]:
    return {**MODELS, "adjust": [{"when": {"model": "resnet34"}, "set": options}]}


def both_have(**options: Any) -> dict[str, Any]:
    """The other factor's level has the options, in both cells that are compared."""
    return {**MODELS, "adjust": [{"when": {"augmentation": "vgg"}, "set": options}]}


CONFOUNDED = [
    ("confounded", one_model_has(**options), both_have(**options), "resnet34 and resnet18 differ not only in model "
     f"but also in {words}") for options, words in [
        ({"lr": 0.1}, "lr (0.1, 0.001)"), ({"batch_size": 128}, "batch_size (128, 64)"),
        ({"weight_decay": 0.05}, "weight_decay (0.05, 0)"), ({"mixing": "mixup"}, "mixing (mixup, none)"),
        ({"label_smoothing": 0.1}, "label_smoothing (0.1, 0)"), ({"ema_decay": 0.99}, "ema_decay (0.99, 0)"),
        ({"image_size": 224}, "image_size (224, 0)"), ({"schedule": "cosine"}, "schedule (cosine, constant)"),
        ({"weights": "pretrained"}, "weights (pretrained, scratch)"), ({"optimizer": "SGD"}, "optimizer (SGD, AdamW)"),
        ({"dropout": 0.5}, "dropout (0.5, 0)"), ({"precision": "bf16"}, "precision (bf16, fp32)"),
        ({"lr": 0.1, "batch_size": 128}, "lr (0.1, 0.001), batch_size (128, 64)")]]
PAIRS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    *CONFOUNDED,
    ("confounded", {**MODELS, "factors": {"model": ["resnet18", "resnet34"]},
                    "adjust": [{"when": {"model": "resnet34"}, "set": {"augmentation": "weak"}}]},
     one_model_has(name="x", notes="y", keep_checkpoints="all"), "augmentation (weak, default)"),
    ("confounded", {**MODELS, "hypotheses": [],
                    "adjust": [{"when": {"model": "resnet34"}, "set": {"lr": 0.1}}]},
     {**MODELS, "hypotheses": [H1], "adjust": [{"when": {"model": "resnet34"}, "set": {"lr": 0.1}}]},
     "lr (0.001, 0.1)"),
    ("confounded", {**MODELS, "hypotheses": [{"name": "H1", "kind": "best", "best": {"model": "resnet18"}}],
                    "adjust": [{"when": {"model": "resnet34"}, "set": {"lr": 0.1}}]},
     {**MODELS, "hypotheses": [{**MODELS["hypotheses"][0], "at": {"augmentation": "default"}}],  # type: ignore[dict-item]
      "adjust": [{"when": {"model": "resnet34", "augmentation": "vgg"}, "set": {"lr": 0.1}}]}, "lr (0.001, 0.1)"),
    ("confounded", {"factors": {"optimizer": ["SGD", "AdamW"]}, "hypotheses": [],
                    "adjust": [{"when": {"optimizer": "SGD"}, "set": {"mixing": "mixup"}}]},
     {"factors": {"optimizer": ["SGD", "AdamW"]}, "hypotheses": [],
      "adjust": [{"when": {"optimizer": "SGD"}, "set": {"lr": 0.1}}]}, "mixing (mixup, none)"),
    ("other-length", vgg_has(epochs=5), {"factors": {"epochs": [5, 20]}, "hypotheses": []},
     "epochs differs between cells (20, 5) without being a factor"),
    ("other-length", vgg_has(early_stopping=5), {"factors": {"early_stopping": [0, 5]}, "hypotheses": []},
     "early_stopping differs between cells (0, 5)"),
    ("other-selection", {"factors": {"recipe": {"a": {"lr": 0.01, "val_fraction": 0.1},
                                                "b": {"lr": 0.001, "val_fraction": 0.2}}}, "hypotheses": []},
     {"factors": {"val_fraction": [0.1, 0.2]}, "hypotheses": []}, "val_fraction differs"),
    ("other-views", vgg_has(tta="flip"), {"factors": {"tta": ["none", "flip"]}, "hypotheses": []}, "tta differs"),
    ("other-pictures", vgg_has(dataset="CIFAR10"), {"factors": SETS, "hypotheses": []},
     "dataset differs between cells (CIFAR10, FashionMNIST)"),
    ("across-sets", {"factors": SETS, "hypotheses": [
        {"name": "H1", "kind": "difference", "between": {"data set": ["b", "a"]}}]}, {}, "H1 compares accuracies"),
    ("bundled", {"factors": {"recipe": {"a": {"lr": 0.01, "mixing": "mixup"}, "b": {"lr": 0.001}}}, "hypotheses": []},
     {"factors": {"model": {"a": {"model": "resnet18", "stem": "cifar"}, "b": {"model": "resnet34"}}},
      "hypotheses": []}, "levels of recipe differ in lr, mixing at once"),
    ("bundled", {"factors": {"model": {"a": {"model": "resnet18", "image_size": 224}, "b": {"model": "resnet34"}}},
                 "hypotheses": []},
     {"factors": {"dataset": {"a": {"dataset": "CIFAR10", "train_fraction": 0.5}, "b": {"dataset": "SVHN"}}},
      "hypotheses": []}, "levels of model differ in image_size, model at once"),
    ("same-run", {"factors": {"momentum": [0.5, 0.9]}, "hypotheses": []},
     {"factors": {"momentum": [0.5, 0.9]}, "settings": {"optimizer": "SGD"}, "hypotheses": []},
     "cells 0.5 and 0.9 are the same run"),
    ("untuned", {"factors": {"optimizer": ["SGD", "AdamW"]}, "hypotheses": []},
     {"factors": {"optimizer": {"SGD": {"optimizer": "SGD", "lr": 0.1}, "AdamW": {"optimizer": "AdamW"}}},
      "hypotheses": []}, "every optimizer uses learning rate 0.001"),
    ("steps-with-data", {"factors": FRACTION, "hypotheses": []},
     {"factors": FRACTION, "settings": {"dataset": "FashionMNIST", "equal_steps": True}, "hypotheses": []},
     "fewer steps, 1,700 to 16,880"),
    ("few-seeds", {"seeds": [0]}, {"seeds": [0, 1, 2]}, "one seed is too few"),
    ("none-without-margin", {"hypotheses": [{**H1, "expect": "none"}]},
     {"hypotheses": [{**H1, "expect": "none", "margin": 0.02}]}, "H1 expects no difference"),
    ("margin-below-noise", {"margin": 0.001}, {"margin": 0.02},
     "10,000 test pictures can leave a difference of 1.4 points open"),
    ("no-hypothesis", {"hypotheses": []}, {}, "no hypothesis is declared"),
]


def told(changed: dict[str, Any]) -> dict[str, str]:
    return {remark.rule: remark.message for remark in lint_study(Study.model_validate({**SOUND, **changed}))}


@pytest.mark.parametrize(("rule", "changed", "sound", "words"), PAIRS)
def test_a_rule_fires_on_what_it_names_and_not_on_its_neighbour(rule: str, changed: dict[str, Any],
                                                                sound: dict[str, Any], words: str) -> None:
    assert words in told(changed).get(rule, f"{rule} is not among {sorted(told(changed))}")
    assert rule not in told(sound)


def test_a_template_that_compares_recipes_says_so_and_can_be_launched() -> None:
    (remark,) = (each for each in lint_study(template("low-res-survey")) if each.rule == "confounded")
    assert remark.message.startswith("ResNet-18 and ViT-Small differ not only in model but also in lr (0.1, 0.001), "
                                     "batch_size (64, 128)")
    assert ("CIFAR10", "ResNet-18", "weak", "Adam") in remark.cells
    assert ("TinyImagenet", "ResNet-18", "default", "Adam") not in remark.cells


def test_every_rule_is_tried_and_there_are_at_least_twenty() -> None:
    assert {rule for rule, *_ in PAIRS} == {rule.name for rule in STUDY_RULES}
    rules = (*run_rules(*TASKS), *STUDY_RULES)
    assert len(rules) >= 20
    assert all(rule.source for rule in rules)


def test_a_sound_study_has_no_remark() -> None:
    assert [remark.rule for remark in lint_study(Study.model_validate(SOUND))] == []


def test_cells_are_named_and_warnings_come_first() -> None:
    study = Study.model_validate({**SOUND, "factors": {"optimizer": ["Adam", "SGD"], "lr": [0.1, 0.02]},
                                  "hypotheses": []})
    found = lint_study(study)
    assert [remark.level for remark in found] == sorted((remark.level for remark in found), reverse=True)
    high = [remark for remark in found if remark.rule == "rate-high"]
    assert [remark.cells for remark in high] == [(("Adam", "0.1"), ("Adam", "0.02"))]
    assert high[0].message.endswith("(also in 1 other cell)")


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_are_linted_with_a_remark_a_rule(name: str) -> None:
    for scaled in (False, True):
        rules = [remark.rule for remark in lint_study(template(name, scaled=scaled))
                 if remark.rule not in ("across-sets", "untuned")]
        assert len(rules) == len(set(rules))


def test_sets_of_other_sizes_are_no_fractions() -> None:
    sets = {"dataset": {"a": {"dataset": "CIFAR10", "train_fraction": 0.5}, "b": {"dataset": "SVHN"}}}
    assert "steps-with-data" not in told({"factors": sets, "hypotheses": []})
