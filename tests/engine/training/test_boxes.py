"""Detectors train in the loop of all tasks: every term is recorded, stopped runs resume bit for bit, and they learn."""

from __future__ import annotations

import copy
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.boxes.metrics import summary
from engine.boxes.nms import suppress
from engine.catalog.metrics import evaluation_metrics
from engine.data.boxes.batches import BoxedEvalBatches, BoxedPictures, BoxInputFormat
from engine.data.boxes.dataset import DetectionDataset
from engine.errors import UserError
from engine.models.detectors import detect
from engine.training.checkpoints import Checkpoints, load_weights
from engine.training.setup import Setup
from tests.engine.training.runs import Notebook, setup, train

pytestmark = pytest.mark.usefixtures("scenes")

SCENES: dict[str, object] = {"dataset": "Scenes", "model": "fcos", "augmentation": "weak", "batch_size": 4, "lr": 0.001,
                             "optimizer": "AdamW", "image_size": 64, "train_fraction": 0.06, "val_fraction": 0.03}
TERMS = {"loss", "loss_class", "loss_box", "loss_centre"}

WAYS: dict[str, dict[str, object]] = {
    "plain": {}, "strong": {"augmentation": "strong", "schedule": "cosine"},
    "average in parts": {"ema_decay": 0.9, "accumulate": 2, "grad_clip": 1.0},
    "frozen": {"fine_tune": "head", "optimizer": "SGD"}, "split": {"fine_tune": "split", "backbone_lr": 1e-4},
    "two stages": {"model": "fasterrcnn_mobilenet_v3_large_320_fpn"},
}


def made(**options: object) -> Setup:
    return setup(**SCENES | options)


def test_every_term_is_recorded_and_they_add_up(home: Path) -> None:
    notebook = Notebook()
    train(home / "run", notebook, made(epochs=1))
    assert all(values.keys() == TERMS | {"lr"} for values in notebook.steps.values())
    for values in notebook.steps.values():
        assert values["loss"] == pytest.approx(sum(values[name] for name in TERMS - {"loss"}), rel=1e-5)
    epoch = notebook.epochs[1]
    assert {f"{part}_{name}" for part in ("train", "val") for name in TERMS} <= epoch.keys()
    assert epoch["val_map"] <= epoch["val_map50"] and not any(math.isnan(value) for value in epoch.values())
    recorded = {name.removeprefix("val_") for name in epoch if name.startswith("val_m")}
    assert recorded <= evaluation_metrics("detection").keys()


@pytest.mark.parametrize("way", [pytest.param(way, marks=() if way in ("plain", "average in parts") else
                                              pytest.mark.slow) for way in WAYS])
def test_stopped_within_an_epoch_it_ends_the_same(home: Path, way: str) -> None:
    never, stopped, resumed = Notebook(), Notebook(stop_at=4), Notebook()
    expected = train(home / "never", never, made(epochs=2, **WAYS[way]))
    assert max(never.steps) > 4
    train(home / "stopped", stopped, made(epochs=2, **WAYS[way]))
    assert stopped.progress.step == 4
    found = train(home / "stopped", resumed, made(epochs=2, **WAYS[way]))
    assert [name for name in expected if not torch.equal(found[name], expected[name])] == []
    assert stopped.steps | resumed.steps == never.steps
    assert stopped.epochs | resumed.epochs == never.epochs


def test_validation_changes_nothing_and_says_the_same_twice(home: Path) -> None:
    run = made()
    before, random = copy.deepcopy(run.model.state_dict()), torch.get_rng_state()
    with torch.inference_mode():
        first, second = (run.objective.validate(run.model.eval(), run.validation) for _ in range(2))
    assert first == second and {"loss", "map"} <= first.keys()
    assert torch.equal(torch.get_rng_state(), random) and not run.model.training
    assert all(torch.equal(value, before[name]) for name, value in run.model.state_dict().items())


def test_a_batch_larger_than_the_training_part_is_refused(home: Path) -> None:
    with pytest.raises(UserError, match="batch_size: 100 is not at most"):
        made(batch_size=100)


LEARNING: dict[str, object] = {"dataset": "Scenes", "model": "fcos", "batch_size": 4, "optimizer": "AdamW", "lr": 0.001,
                               "schedule": "onecycle", "augmentation": "weak", "epochs": 16}


def map50(run: Setup) -> float:
    """Of the weights that are evaluated, on the held-out scenes."""
    assert isinstance(run.dataset, DetectionDataset)
    pictures = BoxedPictures(run.dataset, "test", np.arange(len(run.dataset.test)), run.resolved["image_size"])
    look = BoxInputFormat(
        run.resolved["image_size"], tuple(run.resolved["mean"]), tuple(run.resolved["std"]), run.device)
    found = detect(run.evaluated, BoxedEvalBatches(pictures, look, batch_size=8))
    return summary(suppress(found, 0.0, 0.5), pictures.truth)["map50"]


@pytest.mark.slow(seconds=450)
@pytest.mark.timeout(1800)
def test_the_small_one_learns_to_find_cells_it_has_not_seen(home: Path) -> None:
    """Untrained it finds next to nothing."""
    run = setup(**LEARNING)
    assert map50(run) < 0.02
    train(home / "run", Notebook(), run)
    best = Checkpoints(home / "run").path("best")
    assert best is not None
    load_weights(best, run.evaluated)
    assert map50(run) >= 0.5


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("model", ["fasterrcnn", "retinanet"])
def test_the_large_ones_run_two_epochs(home: Path, model: str) -> None:
    notebook = Notebook()
    train(home / "run", notebook, made(model=model, epochs=2, batch_size=2, lr=0.0001, train_fraction=0.02))
    assert sorted(notebook.epochs) == [1, 2]
    assert notebook.epochs[2]["train_loss"] < notebook.epochs[1]["train_loss"]
    assert all(math.isfinite(value) for values in notebook.steps.values() for value in values.values())
