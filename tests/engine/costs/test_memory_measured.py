"""The predicted memory of training is near what real runs on the CPU need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.config import parse_config
from engine.costs.answers import memories_blocking
from engine.costs.fit import DEVICES, predict_need
from engine.home import ROOT
from tests.engine.data import sources

pytestmark = pytest.mark.slow

RUNS: list[dict[str, object]] = [
    {"model": "tinyvgg_a", "image_size": 64, "batch_size": 512},
    {"model": "resnet18", "image_size": 64, "batch_size": 64, "train_fraction": 0.2},
    {"model": "resnet18", "stem": "cifar", "image_size": 32, "batch_size": 64, "train_fraction": 0.1},
    {"model": "vit_tiny_patch16_224", "batch_size": 16, "train_fraction": 0.05},
    {"model": "test_convnext", "image_size": 160, "batch_size": 32, "train_fraction": 0.2},
    {"model": "mobilenetv3_small_100", "image_size": 96, "batch_size": 64, "train_fraction": 0.2},
    {"model": "resnet18", "image_size": 64, "batch_size": 64, "train_fraction": 0.2, "optimizer": "SGD",
     "accumulate": 4},
]


SETS = [("default", 20_000, 64), ("weak", 20_000, 64), ("strong", 20_000, 64), ("weak", 50_000, 32)]
"""Augmentation, number and side of pictures: a fifth of Tiny ImageNet, and CIFAR, which is kept mirrored."""


@pytest.mark.parametrize("options", RUNS, ids=lambda options: f"{options['model']}-{options['batch_size']}")
def test_a_real_run_needs_what_was_predicted(home: Path, options: dict[str, object]) -> None:
    _compare(options)


@pytest.mark.parametrize(("augmentation", "pictures", "side"), SETS)
def test_so_does_one_whose_pictures_take_most_of_it(home: Path, augmentation: str, pictures: int, side: int) -> None:
    place = sources.arrays(home / "mine", train_images=random_pictures(pictures, side),
                           train_targets=np.arange(pictures) % 10, test_images=random_pictures(1000, side),
                           test_targets=np.arange(1000) % 10)
    _compare({"dataset": "npy", "data_path": str(place), "num_classes": 10, "model": "tinyvgg_a", "image_size": side,
              "batch_size": 256, "augmentation": augmentation})


def random_pictures(count: int, side: int) -> NDArray[np.uint8]:
    return np.random.RandomState(count).randint(0, 256, (count, side, side, 3), np.uint8)


def _compare(options: dict[str, object]) -> None:
    config = parse_config({"device": "cpu", "epochs": 1, **options})
    predicted = predict_need(config, memories_blocking([config])[0], "cpu").bytes
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    trained = subprocess.run([sys.executable, "-m", "engine", "train", "--device=cpu", "--epochs=1", "--json", *flags],
                             cwd=ROOT, check=True, capture_output=True, text=True)
    measured = json.loads(trained.stdout)["peak_memory"]
    print(f"{options}: predicted {predicted / 2**20:.0f} MB, measured {measured / 2**20:.0f} MB, "
          f"{100 * (predicted / measured - 1):+.1f} %")
    assert predicted == pytest.approx(measured, rel=DEVICES["cpu"].margin)
