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
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("other-length", {"adjust": [{"when": {"augmentation": "vgg"}, "set": {"epochs": 5}}]},
     "epochs differs between cells (20, 5) without being a factor"),
    ("other-selection", {"factors": {"recipe": {"a": {"lr": 0.01, "val_fraction": 0.1},
                                                "b": {"lr": 0.001, "val_fraction": 0.2}}}, "hypotheses": []},
     "val_fraction differs"),
    ("other-views", {"adjust": [{"when": {"augmentation": "vgg"}, "set": {"tta": "flip"}}]}, "tta differs"),
    ("other-pictures", {"adjust": [{"when": {"augmentation": "vgg"}, "set": {"dataset": "CIFAR10"}}]},
     "dataset differs between cells (CIFAR10, FashionMNIST)"),
    ("across-sets", {"factors": SETS, "hypotheses": [
        {"name": "H1", "kind": "difference", "between": {"data set": ["b", "a"]}}]}, "H1 compares accuracies"),
    ("bundled", {"factors": {"recipe": {"a": {"lr": 0.01, "mixing": "mixup"}, "b": {"lr": 0.001}}},
                 "hypotheses": []}, "levels of recipe differ in lr, mixing at once"),
    ("same-run", {"factors": {"momentum": [0.5, 0.9]}, "hypotheses": []}, "cells 0.5 and 0.9 are the same run"),
    ("untuned", {"factors": {"optimizer": ["SGD", "AdamW"]}, "hypotheses": []},
     "every optimizer uses learning rate 0.001"),
    ("steps-with-data", {"factors": FRACTION, "hypotheses": []}, "fewer steps, 1,700 to 16,880"),
    ("few-seeds", {"seeds": [0]}, "one seed is too few"),
    ("none-without-margin", {"hypotheses": [{**SOUND["hypotheses"][0], "expect": "none"}]}, "H1 expects no difference"),
    ("margin-below-noise", {"margin": 0.001}, "10,000 test pictures can leave a difference of 1.4 points open"),
    ("no-hypothesis", {"hypotheses": []}, "no hypothesis is declared"),
]


@pytest.mark.parametrize(("rule", "changed", "words"), CASES)
def test_a_rule_fires_on_what_it_names(rule: str, changed: dict[str, Any], words: str) -> None:
    found = {remark.rule: remark.message for remark in lint_study(Study.model_validate({**SOUND, **changed}))}
    assert words in found.get(rule, f"{rule} is not among {sorted(found)}")


def test_every_rule_is_tried_and_there_are_at_least_twenty() -> None:
    assert {rule for rule, *_ in CASES} == {rule.name for rule in STUDY_RULES}
    rules = (*run_rules(*TASKS), *STUDY_RULES)
    assert len(rules) >= 20
    assert all(rule.source for rule in rules)


def test_a_sound_study_has_no_remark() -> None:
    assert [remark.rule for remark in lint_study(Study.model_validate(SOUND))] == []


def test_a_declared_factor_of_epochs_or_data_sets_is_no_mistake() -> None:
    for factors in ({"epochs": [5, 20]}, {"early_stopping": [0, 5]}, {"tta": ["none", "flip"]}, SETS):
        found = {remark.rule for remark in lint_study(Study.model_validate(
            {**SOUND, "factors": factors, "hypotheses": []}))}
        assert not found & {"other-length", "other-views", "other-pictures"}, factors


def test_cells_are_named_and_warnings_come_first() -> None:
    study = Study.model_validate({**SOUND, "factors": {"optimizer": ["Adam", "SGD"], "lr": [0.1, 0.02]},
                                  "hypotheses": []})
    found = lint_study(study)
    assert [remark.level for remark in found] == sorted((remark.level for remark in found), reverse=True)
    high = [remark for remark in found if remark.rule == "adam-rate-high"]
    assert [remark.cells for remark in high] == [(("Adam", "0.1"), ("Adam", "0.02"))]
    assert high[0].message.endswith("(also in 1 other cell)")


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_are_linted_with_a_remark_a_rule(name: str) -> None:
    for scaled in (False, True):
        rules = [remark.rule for remark in lint_study(template(name, scaled=scaled))
                 if remark.rule not in ("across-sets", "untuned")]
        assert len(rules) == len(set(rules))


def test_what_is_fitted_to_the_model_is_not_bundled_and_sets_of_other_sizes_are_no_fractions() -> None:
    models = {"model": {"a": {"model": "resnet18", "stem": "cifar"}, "b": {"model": "resnet34"}}}
    sets = {"dataset": {"a": {"dataset": "CIFAR10", "train_fraction": 0.5}, "b": {"dataset": "SVHN"}}}
    for factors, rule in ((models, "bundled"), (sets, "bundled"), (sets, "steps-with-data")):
        study = Study.model_validate({**SOUND, "factors": factors, "hypotheses": []})
        assert rule not in {remark.rule for remark in lint_study(study)}
