"""Each rule about a run fires on what it names, and a plain config has no warning."""

from __future__ import annotations

from pathlib import Path

import pytest

import engine.analysis.lint.plan
from engine.analysis.lint import lint_cells, lint_configs
from engine.analysis.lint.lint import run_rules
from engine.config import RunConfig, parse_config
from engine.config.parse import parse_options
from engine.data import load_dataset
from engine.data.audits.audit import audit
from engine.tasks import TASKS
from tests.engine.data.sources import class_folder

VIT = {"model": "vit_small_patch16_224", "optimizer": "AdamW", "dataset": "CIFAR10"}
CASES = [
    ("adam-rate-high", {"optimizer": "Adam", "lr": 0.1}, "Adam at learning rate 0.1"),
    ("sgd-rate-high", {"optimizer": "SGD", "lr": 2}, "SGD at learning rate 2"),
    ("sgd-rate-low", {"optimizer": "SGD", "lr": 0.0005}, "SGD at learning rate 0.0005 learns slowly"),
    ("few-steps-an-epoch", {"batch_size": 400}, "fewer than ten optimizer steps"),
    ("few-steps", {"epochs": 2}, "42 optimizer steps in total"),
    ("large-batch-cold", {"dataset": "CIFAR10", "optimizer": "SGD", "lr": 0.1, "batch_size": 2048}, "no warm-up"),
    ("warmup-whole-run", {"schedule": "cosine", "epochs": 3, "warmup_epochs": 3}, "warm-up of 3 epochs"),
    ("stops-in-warmup", {"early_stopping": 2, "warmup_epochs": 5}, "during the warm-up of 5"),
    ("stops-before-the-fall", {"early_stopping": 5, "schedule": "cosine"}, "before the cosine schedule"),
    ("stops-before-plateau", {"early_stopping": 3, "schedule": "plateau"}, "before the plateau schedule"),
    ("plateau-never", {"schedule": "plateau", "epochs": 4}, "hardly lower the learning rate within 4 epochs"),
    ("adam-coupled-decay", {"optimizer": "Adam", "weight_decay": 0.0001}, "AdamW decays all weights equally"),
    ("decay-high", {"optimizer": "SGD", "lr": 0.01, "weight_decay": 0.05}, "weight decay 0.05 usually underfits"),
    ("split-rates-swapped", {"fine_tune": "split", "backbone_lr": 0.01, "lr": 0.0001}, "may be swapped"),
    ("mixing-stops-early", {"mixing": "mixup", "early_stopping": 3}, "a patience of 3 epochs"),
    ("mixing-short", {"mixing": "cutmix"}, "20 epochs may be too few to benefit"),
    ("mixup-strong", {"mixing": "mixup", "mixup_alpha": 8}, "MixUp with α 8"),
    ("batch-norm-small-batch", {"model": "resnet18", "batch_size": 4}, "noisy at batch size 4"),
    ("batch-norm-small-batch", {"model": "tinyvgg_v4", "batch_size": 4}, "noisy at batch size 4"),
    ("batch-norm-small-parts", {"model": "resnet18", "accumulate": 16}, "a batch of 64 is split into 16 micro-batches"),
    ("few-patches", {**VIT, "model": "xcit_small_12_p16_224", "image_size": 32}, "only 2×2 patches"),
    ("other-patches", {**VIT, "model": "vit_small_patch32_32"}, "8×8 patches for 32 px pictures"),
    ("standard-stem", {"model": "resnet18", "dataset": "CIFAR10"}, "downsamples 32 px pictures fourfold"),
    ("enlarged", {"image_size": 64}, "enlarged more than four times"),
    ("head-of-nothing", {"model": "resnet18", "fine_tune": "head"}, "only the classifier of resnet18 would be trained"),
    ("wrong-normalisation", {"model": "resnet18", "weights": "pretrained", "normalisation": "data"},
     "of their own training"),
    ("pretrained-shrunk", {"model": "resnet18", "weights": "pretrained", "dataset": "CIFAR10"},
     "pretrained on 224 px pictures but gets 32 px"),
    ("pretrained-forgets", {"model": "resnet50", "weights": "pretrained", "optimizer": "Adam", "lr": 0.001},
     "may destroy the pretrained features"),
    ("transformer-sgd", {**VIT, "optimizer": "SGD", "lr": 0.1}, "learn poorly with SGD"),
    ("transformer-cold", VIT, "unstable without warm-up"),
    ("transformer-little-data", VIT, "on 45,000 pictures"),
    ("not-mirrored", {"augmentation": "weak"}, "Digits is not flipped"),
    ("fewer-steps", {"dataset": "CIFAR10", "train_fraction": 0.1}, "has 71 optimizer steps instead of 704"),
    ("small-validation", {"val_fraction": 0.05}, "72 validation pictures of 10 classes"),
    ("crops-little", {"augmentation": "vgg", "train_scale": "36-80"}, "less than a quarter of each"),
]


@pytest.mark.parametrize(("rule", "values", "words"), CASES)
def test_a_rule_fires_on_what_it_names(rule: str, values: dict[str, object], words: str) -> None:
    found = {remark.rule: remark.message for remark in lint_configs([parse_options(values)])}
    assert words in found.get(rule, f"{rule} is not among {sorted(found)}")


def test_leaks_that_the_audit_found_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {load_dataset("Digits").fingerprint: frozenset({3, 8})}
    monkeypatch.setattr(engine.analysis.lint.plan, "known_leaks", known.get)
    found = {remark.rule: remark.message for remark in lint_configs([parse_config({})])}
    assert "2 of 360 test pictures are among the training pictures" in found["leaked-test"]


def test_own_pictures_whose_leaks_are_unknown_are_noted(home: Path) -> None:
    place = f"{class_folder(home / 'mine', count=15)}?links=skip"
    config = parse_config({"dataset": "folder", "data_path": place, "batch_size": 8})
    assert "unaudited-test" in {remark.rule for remark in lint_configs([config])}
    audit(load_dataset("folder", config.data_path))
    assert "unaudited-test" not in {remark.rule for remark in lint_configs([config])}
    assert "unaudited-test" not in {remark.rule for remark in lint_configs([parse_config({})])}


def test_every_rule_is_tried_and_has_a_source() -> None:
    tried = {rule for rule, *_ in CASES} | {"leaked-test", "unaudited-test"}
    assert tried == {rule.name for rule in run_rules("classification")}
    every = run_rules(*TASKS)
    assert all(rule.source for rule in every)
    assert len({rule.name for rule in every}) == len(every)


@pytest.mark.parametrize("values", [
    {}, {"model": "convnext_tiny", "dataset": "CIFAR10", "batch_size": 4},
    {"model": "resnet18", "dataset": "CIFAR10", "stem": "cifar", "optimizer": "SGD", "lr": 0.1, "schedule": "cosine",
     "augmentation": "weak", "weight_decay": 0.0005, "epochs": 200},
])
def test_usual_recipes_have_no_remark_of_optimisation_or_batch_norm(values: dict[str, object]) -> None:
    found = [remark.rule for remark in lint_configs([parse_config(values)])]
    assert found == [], found


def test_what_is_true_of_several_runs_is_said_once_and_names_its_cells() -> None:
    configs = [parse_config({"optimizer": "Adam", "lr": 0.1, "seed": seed}) for seed in range(3)]
    assert [remark.rule for remark in lint_configs(configs)] == ["adam-rate-high"]
    cells: dict[tuple[str, ...], RunConfig] = {("a",): configs[0], ("b",): parse_config({}), ("c",): configs[1]}
    assert lint_cells(cells)[0].cells == (("a",), ("c",))


def test_data_that_are_not_here_leave_unsaid_what_needs_them(home: object) -> None:
    config = parse_options({"dataset": "npy", "data_path": "/nowhere", "optimizer": "Adam", "lr": 0.1})
    assert [remark.rule for remark in lint_configs([config])] == ["adam-rate-high"]
