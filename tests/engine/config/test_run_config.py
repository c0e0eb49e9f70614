"""Every field of RunConfig renders, parses, round-trips and is documented."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from engine.cli.command import train_command
from engine.cli.main import main
from engine.cli.parser import build_parser, given_options
from engine.config import RunConfig, Section, dump_yaml, load_yaml, option_of, parse_config
from engine.errors import UserError

FIELDS = list(RunConfig.model_fields)
OTHER = {
    "dataset": "FashionMNIST", "data_path": "/some/where", "num_classes": 10, "val_fraction": 0.2,
    "train_fraction": 0.5, "equal_steps": True, "unreadable": "skip", "empty_pictures": "drop",
    "model": "resnet18", "image_size": 40, "start_size": 24, "patch_size": 8, "stem": "cifar", "weights": "pretrained",
    "weights_path": "/some/weights.safetensors", "normalisation": "data",
    "fine_tune": "head", "backbone_lr": 0.002, "layer_decay": 0.75, "dropout": 0.1, "drop_path": 0.1,
    "anchor_sizes": "16+32+64+128+256", "anchor_ratios": "0.5+1", "score_threshold": 0.3, "nms_threshold": 0.6,
    "thresholds": "0.4", "score": "balanced accuracy",
    "augmentation": "weak", "train_scale": "36-44", "crop_scale": "0.3-1",
    "crop_ratio": "1", "interpolation": "bicubic", "kept_side": 96, "crop_pct": 0.9,
    "mixing": "mixup", "mixup_alpha": 0.4, "cutmix_alpha": 0.5,
    "mix_shares": "per batch", "optimizer": "Adam", "lr": 0.003, "schedule": "cosine", "warmup_epochs": 2,
    "plateau_patience": 5, "momentum": 0.5, "nesterov": False, "beta1": 0.8, "beta2": 0.99, "eps": 1e-6,
    "weight_decay": 0.0001, "label_smoothing": 0.1, "teacher": 7, "teacher_weight": 0.9,
    "teacher_temperature": 4.0, "grad_clip": 1.0, "ema_decay": 0.999, "epochs": 3,
    "batch_size": 32, "accumulate": 2, "seed": 7, "early_stopping": 5, "min_gain": 0.001, "device": "cuda:1",
    "precision": "bf16", "compile": True, "stop_when_sure": True, "keep_checkpoints": "all", "tta": "flip",
    "test_scale": "36+40",
    "folds": 5, "fold": 2, "repeats": 2, "warmup_steps": 50, "min_lr": 0.0001, "cycles": 2,
    "loss_function": "focal",
    "focal_gamma": 1.5, "class_weights": "balanced", "sampling": "balanced", "gradient_checkpointing": True,
    "name": "my run", "tags": ("a", "b c"), "notes": "50 % of it\nsecond line",
}
NEEDS = {
    "fold": {"folds": 5}, "warmup_steps": {"schedule": "cosine"}, "min_lr": {"schedule": "cosine"},
    "cycles": {"schedule": "cosine"}, "focal_gamma": {"loss_function": "focal"},
    "gradient_checkpointing": {"model": "resnet18"}, "teacher_weight": {"teacher": 7},
    "teacher_temperature": {"teacher": 7},
    "warmup_epochs": {"schedule": "cosine"}, "momentum": {"optimizer": "SGD"}, "nesterov": {"optimizer": "SGD"},
    "equal_steps": {"train_fraction": 0.5}, "unreadable": {"dataset": "TinyImagenet"}, "stem": {"model": "resnet18"},
    "start_size": {"model": "resnet18", "image_size": 32},
    "patch_size": {"model": "vit_tiny_patch16_224"},
    "weights": {"model": "resnet18"}, "weights_path": {"weights": "file", "model": "resnet18"},
    "normalisation": {"model": "resnet18"},
    "backbone_lr": {"fine_tune": "split", "model": "resnet18"}, "fine_tune": {"model": "resnet18"},
    "layer_decay": {"model": "resnet18"}, "dropout": {"model": "resnet18"}, "drop_path": {"model": "resnet18"},
    **{field: {"augmentation": "imagenet"} for field in ("crop_scale", "crop_ratio", "interpolation", "kept_side",
                                                         "crop_pct")},
    "train_scale": {"augmentation": "vgg"}, "mixup_alpha": {"mixing": "mixup"}, "cutmix_alpha": {"mixing": "cutmix"},
    "mix_shares": {"mixing": "both"}, "plateau_patience": {"schedule": "plateau"}, "min_gain": {"early_stopping": 3},
    "num_classes": {"dataset": "CIFAR10"}, "tta": {"dataset": "CIFAR10"}, "empty_pictures": {"dataset": "Scenes"},
    "anchor_sizes": {"dataset": "Scenes", "model": "retinanet"},
    "anchor_ratios": {"dataset": "Scenes", "model": "retinanet"},
    "score_threshold": {"dataset": "Scenes"}, "nms_threshold": {"dataset": "Scenes"},
    "thresholds": {"dataset": "DigitGroups"},
}

def changed(field: str) -> RunConfig:
    return parse_config({field: OTHER[field], **NEEDS.get(field, {})})


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_is_declared_in_full(field: str) -> None:
    option = option_of(field)
    assert option.section in Section and option.help.endswith(".")
    assert getattr(changed(field), field) == OTHER[field] != RunConfig.model_fields[field].default


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_survives_yaml_and_the_command_line(field: str, tmp_path: Path) -> None:
    config = changed(field)
    path = tmp_path / "config.yaml"
    path.write_text(dump_yaml(config))
    assert parse_config(load_yaml(path)) == config
    words = shlex.split(train_command(config))[3:]
    assert parse_config(given_options(build_parser().parse_args(words))) == config


@pytest.mark.parametrize("notes", ["-x", "--json", "a 'quoted' $word", "한국어"])
def test_the_command_survives_a_shell_and_leading_dashes(notes: str) -> None:
    words = shlex.split(train_command(parse_config({"notes": notes})))[3:]
    assert given_options(build_parser().parse_args(words)) == {"notes": notes}


@pytest.mark.parametrize("field", FIELDS)
def test_each_alias_and_its_underscored_form_reaches_the_field(field: str) -> None:
    for alias in option_of(field).aliases:
        for spelling in (alias, alias.replace("-", "_")):
            arguments = build_parser().parse_args(["train", f"--{spelling}", "x"])
            assert given_options(arguments) == {field: "x"}
            assert getattr(parse_config({spelling: OTHER[field], **NEEDS.get(field, {})}), field) == OTHER[field]


def test_the_studies_own_flags_parse_unchanged() -> None:
    words = ["train", "--dataname", "CIFAR10", "--model-name", "resnet18", "--opt-name", "Adam", "--aug-name", "weak",
             "--batch-size", "64", "--lr", "0.001", "--use_scheduler", "--epochs", "50", "--img-size", "32",
             "--exp-name", "10_resnet18_weak_Adam"]
    config = parse_config(given_options(build_parser().parse_args(words)))
    assert (config.dataset, config.optimizer, config.schedule, config.image_size) == ("CIFAR10", "Adam", "cosine", 32)


@pytest.mark.parametrize("more", [(), ("--model-name", "efficientnet_b0")])
def test_the_model_may_come_first_without_a_flag(more: tuple[str, ...]) -> None:
    words = ["train", "efficientnet_b0", "--dataname", "CIFAR10", "--num-classes", "10", "--aug-name", "weak", *more]
    config = parse_config(given_options(build_parser().parse_args(words)))
    assert (config.model, config.dataset, config.num_classes) == ("efficientnet_b0", "CIFAR10", 10)


def test_two_different_models_are_refused() -> None:
    with pytest.raises(UserError, match="given twice, as resnet18 and as --model resnet34"):
        given_options(build_parser().parse_args(["train", "resnet18", "--model", "resnet34"]))


def test_a_frozen_config_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        RunConfig().lr = 1.0  # type: ignore[misc]


def test_what_does_not_apply_is_reset_so_that_equal_runs_compare_equal() -> None:
    adam = parse_config({"optimizer": "Adam", "momentum": "0.5", "lr": "0.001"})
    assert adam.momentum == RunConfig().momentum
    assert adam.hash() == parse_config({"optimizer": "adam", "lr": 1e-3}).hash()


def test_the_hash_ignores_names_and_devices_and_nothing_else() -> None:
    unlike = {"weights_path": "/some/other.safetensors"}  # has no default that can be trained
    same = {field for field in FIELDS if changed(field).hash() == parse_config(
        ({field: unlike[field]} if field in unlike else {}) | NEEDS.get(field, {})).hash()}
    assert same == {"num_classes", "device", "keep_checkpoints", "stop_when_sure", "name", "tags", "notes"}


@pytest.mark.parametrize(("key", "value", "words"), [
    ("lr", "0", ["lr", "'0'", "greater than 0"]),
    ("lr", "nan", ["lr", "'nan'", "finite"]),
    ("lr", "fast", ["lr", "'fast'", "a number"]),
    ("epochs", "2.5", ["epochs", "'2.5'", "whole number"]),
    ("batch_size", "2000", ["batch_size", "at most 1,293", "Digits"]),
    ("image_size", "16", ["image_size", "16", "at least 32 for tinyvgg_a"]),
    ("val_fraction", "0.999", ["val_fraction", "10 classes"]),
    ("normalisation", "weights", ["normalisation", "tinyvgg_a from scratch", "choose data"]),
    ("num_classes", "100", ["num_classes", "10, the classes of Digits"]),
    ("train_fraction", "1.5", ["train_fraction", "at most 1"]),
    ("train_fraction", "0.01", ["batch_size", "at most 13,", "train_fraction 0.01"]),
    ("model", "resnet81", ["model", "'resnet81'", "nearest: resnet18"]),
    ("dataset", "CIFAR11", ["dataset", "nearest: CIFAR10"]),
    ("augmentation", "week", ["augmentation", "one of default, weak"]),
    ("device", "tpu", ["device", "cuda:N"]),
    ("name", "a/b", ["name", "no slash"]),
    ("name", 'say "hi"', ["name", "quote"]),
    ("name", "x" * 300, ["name", "120 characters"]),
    ("name", "12", ["name", "not only digits"]),
])
def test_a_bad_value_is_one_line_that_names_key_value_and_expectation(
    key: str, value: str, words: list[str], home: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["train", f"--{key.replace('_', '-')}", value]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1
    assert all(word in printed.err for word in words), printed.err


def test_the_longest_name_is_accepted() -> None:
    assert len(parse_config({"name": "x" * 120}).name) == 120


def test_yaml_files_hold_plain_values() -> None:
    assert yaml.safe_load(dump_yaml(changed("tags")))["tags"] == ["a", "b c"]
