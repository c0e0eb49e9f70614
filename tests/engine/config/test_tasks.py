"""What a config may hold depends on what its data set is for."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from engine.cli.command import train_command
from engine.cli.parser import build_parser, given_options
from engine.config import load_yaml, parse_config
from engine.config.steps import picture_size, steps_per_epoch
from engine.errors import ConfigError

FASTER = "model: fasterrcnn\nmode: full\n\nlearning_rate: 0.005\n"
RETINA = "model: retinanet\nmode: split\n\nback_lr: 0.0001\nhead_lr: 0.01\n"


@pytest.mark.parametrize(("text", "expected"), [
    (FASTER, {"model": "fasterrcnn_resnet50_fpn", "fine_tune": "all", "lr": 0.005}),
    (RETINA, {"model": "retinanet_resnet50_fpn", "fine_tune": "split", "lr": 0.01, "backbone_lr": 0.0001})])
def test_detectors_are_configured_as_people_write_it(tmp_path: Path, text: str, expected: dict[str, object]) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(text)
    config = parse_config(load_yaml(path) | {"dataset": "scenes"})
    assert {name: getattr(config, name) for name in expected} == expected


def test_what_is_not_given_starts_as_the_task_has_it() -> None:
    config = parse_config({"dataset": "Scenes"})
    assert (config.model, config.batch_size) == ("fcos_resnet10t_fpn", 4)
    assert parse_config({"dataset": "Scenes", "batch_size": 64}).batch_size == 64
    assert parse_config({}).batch_size == 64


@pytest.mark.parametrize("batch_size", [4, 64])
def test_the_command_of_a_detector_means_the_same(batch_size: int) -> None:
    config = parse_config({"dataset": "Scenes", "batch_size": batch_size, "nms_threshold": 0.6})
    words = shlex.split(train_command(config))[4:]
    assert parse_config(given_options(build_parser().parse_args(["train", *words]))) == config
    assert ("--batch-size" in words) == (batch_size == 64)


@pytest.mark.parametrize(("options", "words"), [
    ({"dataset": "Scenes", "model": "resnet18"},
     "model: 'resnet18' is not a model for detection, the task of Scenes: fcos_resnet10t_fpn, fasterrcnn_resnet50"),
    ({"dataset": "Digits", "model": "fasterrcnn"},
     "model: 'fasterrcnn_resnet50_fpn' is not a model for classification, the task of Digits: tinyvgg_a"
     ".*; or choose a dataset for this one: voc, coco, yolo, Scenes$"),
    ({"dataset": "Scenes", "augmentation": "vgg"}, "augmentation: 'vgg' is not an augmentation for detection"),
    ({"dataset": "Scenes", "model": "retinanet", "anchor_sizes": "8+16"}, "anchor_sizes: '8.16' is not 5 ascending"),
    ({"dataset": "Scenes", "model": "retinanet", "anchor_ratios": "1+x"}, "anchor_ratios: '1.x' is not numbers above"),
    ({"dataset": "Scenes", "image_size": 32}, "image_size: 32 is not at least 64")])
def test_what_does_not_suit_the_task_is_refused_in_one_line(options: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        parse_config(options)
    assert "\n" not in str(caught.value)


def test_options_of_classifiers_return_to_their_defaults() -> None:
    config = parse_config({"dataset": "Scenes", "tta": "flip", "mixing": "mixup", "label_smoothing": 0.1,
                           "compile": "yes"})
    assert (config.tta, config.mixing, config.label_smoothing, config.compile) == ("none", "none", 0.0, False)


def test_pictures_larger_than_usual_are_made_smaller_and_a_share_needs_no_picture_of_each_class() -> None:
    assert picture_size(parse_config({"dataset": "Scenes"})) == 192
    config = parse_config({"dataset": "Scenes", "train_fraction": 0.01, "batch_size": 1})
    assert steps_per_epoch(config) == 3
