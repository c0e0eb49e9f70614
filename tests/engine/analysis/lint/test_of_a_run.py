"""Each rule about a run fires on what it names, and a plain config has no warning."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import engine.analysis.lint.plan
from engine.analysis.lint import lint_cells, lint_configs
from engine.analysis.lint.lint import run_rules
from engine.analysis.lint.rates import USUAL_RATES
from engine.catalog.optimizers import optimizers
from engine.config import RunConfig, parse_config
from engine.config.parse import parse_options
from engine.data import load_dataset
from engine.data.audits.audit import audit
from engine.tasks import TASKS
from tests.engine.data.sources import class_folder

VIT = {"model": "vit_small_patch16_224", "optimizer": "AdamW", "dataset": "CIFAR10"}
SGD = {"optimizer": "SGD", "lr": 0.1}
COLD = {"dataset": "CIFAR10", "optimizer": "SGD", "batch_size": 512, "lr": 0.8}
GOYAL = {"dataset": "CIFAR10", "optimizer": "SGD", "batch_size": 8192, "lr": 3.2,
         "schedule": "cosine", "warmup_epochs": 5}
PROBE = {"model": "resnet18", "weights": "pretrained", "fine_tune": "head"}
Options = dict[str, object]
RATES: list[tuple[str, Options, Options, str]] = [
    ("rate-high", {"optimizer": "Adam", "lr": 0.1}, {"optimizer": "Adam", "lr": 0.01},
     "Adam at learning rate 0.1 with batch size 64"),
    ("rate-high", {"optimizer": "Adam", "lr": 0.1}, {**PROBE, "optimizer": "Adam", "lr": 0.1}, "usual is 0.001"),
    ("rate-high", {"optimizer": "SGD", "lr": 2}, {**PROBE, "optimizer": "SGD", "lr": 30, "batch_size": 256},
     "SGD at learning rate 2"),
    ("rate-high", {"optimizer": "SGD", "lr": 0.5, "batch_size": 16}, {"optimizer": "SGD", "lr": 0.05, "batch_size": 16},
     "SGD at learning rate 0.5 with batch size 16"),
    ("rate-high", {"optimizer": "SGD", "lr": 0.5, "batch_size": 16},
     {"optimizer": "SGD", "lr": 0.5, "batch_size": 16, "momentum": 0}, "usual is 0.01 to 0.1, at batch size 256"),
    ("rate-high", {"optimizer": "momentum", "lr": 2}, GOYAL, "momentum at learning rate 2"),
    ("rate-high", {"optimizer": "rmsprop", "lr": 0.1}, {"optimizer": "rmsprop", "lr": 0.01},
     "rmsprop at learning rate 0.1"),
    ("rate-high", {"optimizer": "rmsproptf", "lr": 0.256}, {"optimizer": "rmsproptf", "lr": 0.256, "batch_size": 4096},
     "usual is 0.001 to 0.01"),
    ("rate-high", {"optimizer": "lion", "lr": 0.003}, {"optimizer": "lion", "lr": 0.0003},
     "lion at learning rate 0.003"),
    ("rate-high", {"optimizer": "lamb", "lr": 1}, {"optimizer": "lamb", "lr": 0.008}, "lamb at learning rate 1"),
    ("rate-high", {"optimizer": "nadam", "lr": 0.1}, {"optimizer": "nadam", "lr": 0.002}, "nadam at learning rate 0.1"),
    ("rate-high", {"optimizer": "muon", "lr": 1}, {"optimizer": "muon", "lr": 0.02}, "muon at learning rate 1"),
    ("rate-high", {"optimizer": "adagrad", "lr": 1}, {"optimizer": "adadelta", "lr": 1}, "adagrad at learning rate 1"),
    ("sgd-rate-low", {"optimizer": "SGD", "lr": 0.0005}, {"optimizer": "SGD", "lr": 0.01},
     "SGD at learning rate 0.0005 learns slowly"),
    ("large-batch-cold", {**SGD, "dataset": "CIFAR10", "batch_size": 2048}, GOYAL, "no warm-up"),
    ("high-rate-cold", COLD, {**COLD, "warmup_epochs": 5}, "SGD at learning rate 0.8 and no warm-up"),
    ("high-rate-cold", COLD, {**COLD, "lr": 0.2}, "or a rate of 0.1"),
    ("decay-high", {"optimizer": "SGD", "lr": 0.01, "weight_decay": 0.05}, {**SGD, "weight_decay": 0.0005},
     "weight decay 0.05 usually underfits; 0.0001 to 0.0005 is usual"),
    ("decay-high", {"optimizer": "AdamW", "weight_decay": 1}, {"optimizer": "AdamW", "weight_decay": 0.3},
     "AdamW with weight decay 1 usually underfits; 0.01 to 0.3 is usual"),
    ("decay-high", {"optimizer": "lamb", "weight_decay": 1}, {"optimizer": "lion", "weight_decay": 1},
     "lamb with weight"),
    ("adam-coupled-decay", {"optimizer": "Adam", "weight_decay": 0.0001}, {"optimizer": "AdamW", "weight_decay": 0.05},
     "AdamW decays all weights equally"),
    ("split-rates-swapped", {"fine_tune": "split", "backbone_lr": 0.01, "lr": 0.0001},
     {"fine_tune": "split", "backbone_lr": 0.0001, "lr": 0.01}, "may be swapped"),
]
COURSE: list[tuple[str, Options, Options, str]] = [
    ("few-steps-an-epoch", {"batch_size": 400}, {"batch_size": 128}, "fewer than ten optimizer steps"),
    ("few-steps", {"epochs": 2}, {"epochs": 10}, "42 optimizer steps in total"),
    ("warmup-whole-run", {"schedule": "cosine", "epochs": 3, "warmup_epochs": 3},
     {"schedule": "cosine", "epochs": 30, "warmup_epochs": 3}, "warm-up of 3 epochs"),
    ("stops-in-warmup", {"early_stopping": 2, "warmup_epochs": 5}, {"early_stopping": 10, "warmup_epochs": 5},
     "during the warm-up of 5"),
    ("never-sure", {"stop_when_sure": True, "epochs": 6}, {"stop_when_sure": True}, "hardly stop one of 6"),
    ("stops-before-the-fall", {"early_stopping": 5, "schedule": "cosine"}, {"early_stopping": 5},
     "before the cosine schedule"),
    ("stops-before-plateau", {"early_stopping": 3, "schedule": "plateau"}, {"early_stopping": 10,
     "schedule": "plateau"},
     "before the plateau schedule"),
    ("plateau-never", {"schedule": "plateau", "epochs": 4}, {"schedule": "plateau", "epochs": 40},
     "hardly lower the learning rate within 4 epochs"),
    ("mixing-stops-early", {"mixing": "mixup", "early_stopping": 3}, {"mixing": "mixup", "early_stopping": 20},
     "a patience of 3 epochs"),
    ("mixing-short", {"mixing": "cutmix"}, {"mixing": "cutmix", "epochs": 200}, "20 epochs may be too few to benefit"),
    ("warmup-whole-run", {"warmup_steps": 500, "epochs": 5}, {"warmup_steps": 50, "epochs": 5}, "as long as the run"),
    ("balanced-twice", {"sampling": "balanced", "class_weights": "effective"}, {"sampling": "balanced"},
     "class_weights=effective is enough"),
    ("repeats-alike", {"repeats": 3}, {"repeats": 3, "mixing": "cutmix", "epochs": 200}, "3 copies of a picture"),
    ("mixup-strong", {"mixing": "mixup", "mixup_alpha": 8}, {"mixing": "mixup", "mixup_alpha": 1}, "MixUp with α 8"),
]
MODEL: list[tuple[str, Options, Options, str]] = [
    ("grows-in-a-hurry", {"model": "resnet18", "image_size": 64, "start_size": 32, "epochs": 3},
     {"model": "resnet18", "image_size": 64, "start_size": 32, "epochs": 4}, "only 3 epochs"),
    ("batch-norm-small-batch", {"model": "resnet18", "batch_size": 4}, {"model": "convnext_tiny", "batch_size": 4},
     "noisy at batch size 4"),
    ("batch-norm-small-batch", {"model": "tinyvgg_v4", "batch_size": 4}, {"model": "tinyvgg_v4", "batch_size": 16},
     "noisy at batch size 4"),
    ("batch-norm-small-parts", {"model": "resnet18", "accumulate": 16}, {"model": "resnet18", "accumulate": 4},
     "a batch of 64 is split into 16 micro-batches"),
    ("few-patches", {**VIT, "model": "xcit_small_12_p16_224", "image_size": 32},
     {**VIT, "model": "xcit_small_12_p16_224", "image_size": 224}, "only 2×2 patches"),
    ("other-patches", {**VIT, "model": "vit_small_patch32_32"}, {**VIT, "image_size": 224},
     "8×8 patches for 32 px pictures"),
    ("standard-stem", {"model": "resnet18", "dataset": "CIFAR10"},
     {"model": "resnet18", "dataset": "CIFAR10", "stem": "cifar"}, "downsamples 32 px pictures fourfold"),
    ("enlarged", {"image_size": 64}, {"image_size": 32}, "enlarged more than four times"),
    ("enlarged", {"model": "resnet18", "dataset": "CIFAR10", "image_size": 224},
     {"model": "resnet18", "dataset": "CIFAR10", "image_size": 224, "weights": "pretrained"},
     "only pretrained weights"),
    ("enlarged", {"model": "resnet18", "dataset": "CIFAR10", "image_size": 448, "weights": "pretrained"},
     {"model": "resnet18", "dataset": "CIFAR10", "image_size": 128}, "up to the size of their own training"),
    ("head-of-nothing", {"model": "resnet18", "fine_tune": "head"}, PROBE,
     "only the classifier of resnet18 would be trained"),
    ("wrong-normalisation", {"model": "resnet18", "weights": "pretrained", "normalisation": "data"},
     {"model": "resnet18", "weights": "pretrained"}, "of their own training"),
    ("pretrained-shrunk", {"model": "resnet18", "weights": "pretrained", "dataset": "CIFAR10"},
     {"model": "resnet18", "weights": "pretrained", "dataset": "CIFAR10", "image_size": 224},
     "pretrained on 224 px pictures but gets 32 px"),
    ("pretrained-forgets", {"model": "resnet50", "weights": "pretrained", "optimizer": "Adam", "lr": 0.001},
     {"model": "resnet50", "weights": "pretrained", "optimizer": "Adam", "lr": 0.0001},
     "may destroy the pretrained features"),
    ("transformer-sgd", {**VIT, **SGD}, VIT, "learn poorly with SGD"),
    ("transformer-cold", VIT, {**VIT, "warmup_epochs": 5}, "unstable without warm-up"),
    ("transformer-little-data", VIT, {**VIT, "model": "resnet18"}, "on 45,000 pictures"),
    ("not-mirrored", {"augmentation": "weak"}, {"augmentation": "weak", "dataset": "CIFAR10"}, "Digits is not flipped"),
    ("fewer-steps", {"dataset": "CIFAR10", "train_fraction": 0.1},
     {"dataset": "CIFAR10", "train_fraction": 0.1, "equal_steps": True}, "has 71 optimizer steps instead of 704"),
    ("small-validation", {"val_fraction": 0.05}, {"val_fraction": 0.1}, "72 validation pictures of 10 classes"),
    ("crops-little", {"augmentation": "vgg", "train_scale": "36-80"}, {"augmentation": "vgg", "train_scale": "36-44"},
     "less than a quarter of each"),
]
PAIRS = (*RATES, *COURSE, *MODEL)


def told(values: Options) -> dict[str, str]:
    return {remark.rule: remark.message for remark in lint_configs([parse_options(values)])}


@pytest.mark.parametrize(("rule", "values", "sound", "words"), PAIRS)
def test_a_rule_fires_on_what_it_names_and_not_on_its_neighbour(rule: str, values: Options, sound: Options,
                                                                words: str) -> None:
    assert words in told(values).get(rule, f"{rule} is not among {sorted(told(values))}")
    assert rule not in told(sound)


def test_every_optimizer_has_one_usual_rate_and_each_high_rate_is_told_with_its_source() -> None:
    for name in optimizers():
        rows = [row for row in USUAL_RATES if re.fullmatch(row.names, name.lower())]
        assert len(rows) == 1, (name, rows)
    (remark,) = (each for each in lint_configs([parse_options({"optimizer": "lion", "lr": 0.01})])
                 if each.rule == "rate-high")
    assert remark.source.startswith("Chen et al., 2023")


def test_leaks_that_the_audit_found_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {load_dataset("Digits").fingerprint: frozenset({3, 8})}
    monkeypatch.setattr(engine.analysis.lint.plan, "known_leaks", known.get)
    found = {remark.rule: remark.message for remark in lint_configs([parse_config({})])}
    assert "2 of 360 test pictures are among the training pictures" in found["leaked-test"]
    monkeypatch.setattr(engine.analysis.lint.plan, "known_leaks", lambda fingerprint: frozenset())
    assert "leaked-test" not in {remark.rule for remark in lint_configs([parse_config({})])}


def test_own_pictures_whose_leaks_are_unknown_are_noted(home: Path) -> None:
    place = f"{class_folder(home / 'mine', count=15)}?links=skip"
    config = parse_config({"dataset": "folder", "data_path": place, "batch_size": 8})
    assert "unaudited-test" in {remark.rule for remark in lint_configs([config])}
    audit(load_dataset("folder", config.data_path))
    assert "unaudited-test" not in {remark.rule for remark in lint_configs([config])}
    assert "unaudited-test" not in {remark.rule for remark in lint_configs([parse_config({})])}


def test_the_disk_that_decoded_photographs_take_is_told_before(home: Path) -> None:
    place = str(class_folder(home / "mine", count=15))
    options = {"dataset": "folder", "data_path": place, "batch_size": 8, "image_size": 700}
    assert "about 115 MB of decoded pictures" in told({**options, "augmentation": "imagenet"})["keeps-pictures"]
    assert "keeps-pictures" not in told({**options, "augmentation": "weak"})


def test_very_unequal_classes_are_told_with_the_options_that_help(home: Path) -> None:
    for name, count in (("cat", 40), ("dog", 4)):
        class_folder(home / "mine", count=count, classes=(name,))
    options = {"dataset": "folder", "data_path": str(home / "mine"), "batch_size": 8, "val_fraction": 0.3}
    found = told(options)["unequal-classes"]
    assert "11 pictures of the largest class for each of the smallest (cat 32, dog 3)" in found
    helpful = ("score=balanced accuracy", "sampling=balanced", "class_weights=balanced")
    assert all(option in found for option in helpful)
    assert "unequal-classes" not in told({**options, "score": "balanced accuracy"})
    assert "unequal-classes" not in told({"dataset": "folder", "batch_size": 8, "data_path": str(
        class_folder(home / "even", count=15))})


def test_every_rule_is_tried_and_has_a_source() -> None:
    tried = {rule for rule, *_ in PAIRS} | {
        "unequal-classes", "leaked-test", "unaudited-test", "keeps-pictures", "teacher-knows-validation",
        "teacher-smoothed"}
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
    assert [remark.rule for remark in lint_configs(configs)] == ["rate-high"]
    cells: dict[tuple[str, ...], RunConfig] = {("a",): configs[0], ("b",): parse_config({}), ("c",): configs[1]}
    assert lint_cells(cells)[0].cells == (("a",), ("c",))


def test_data_that_are_not_here_leave_unsaid_what_needs_them(home: object) -> None:
    config = parse_options({"dataset": "npy", "data_path": "/nowhere", "optimizer": "Adam", "lr": 0.1})
    assert [remark.rule for remark in lint_configs([config])] == ["rate-high"]
