"""The predicted memory of training is near what real runs on the CPU need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.config import parse_config
from engine.costs.fit import DEVICES, need
from engine.costs.memory_answers import memories_blocking
from engine.home import ROOT

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


@pytest.mark.parametrize("options", RUNS, ids=lambda options: f"{options['model']}-{options['batch_size']}")
def test_a_real_run_needs_what_was_predicted(home: Path, options: dict[str, object]) -> None:
    config = parse_config({"device": "cpu", "epochs": 1, **options})
    predicted = need(config, memories_blocking([config])[0], "cpu").bytes
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    trained = subprocess.run([sys.executable, "-m", "engine", "train", "--device=cpu", "--epochs=1", "--json", *flags],
                             cwd=ROOT, check=True, capture_output=True, text=True)
    measured = json.loads(trained.stdout)["peak_memory"]
    print(f"{options}: predicted {predicted / 2**20:.0f} MB, measured {measured / 2**20:.0f} MB, "
          f"{100 * (predicted / measured - 1):+.1f} %")
    assert predicted == pytest.approx(measured, rel=DEVICES["cpu"].margin)
