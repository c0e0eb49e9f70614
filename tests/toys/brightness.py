"""A third task in one file: how bright a picture is, as a number. What it shares with classification it takes over."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.catalog.datasets import DatasetRow
from engine.catalog.metric import Metric
from engine.config import RunConfig
from engine.data.batches import EvalBatches
from engine.data.dataset import Arrays
from engine.data.readers.loaders import Loader
from engine.data.views import View
from engine.evaluation.classification import EvalPictures, view_batches
from engine.store import Conditions, Run
from engine.tasks.classification import TASK as CLASSIFICATION
from engine.tasks.task import Part
from engine.training.objective import BatchLosses, Meter

LEVELS = 10
RULES: tuple[()] = ()

TASK = replace(
    CLASSIFICATION, name="brightness", help="How bright a picture is.", score="val_closeness",
    test_score="closeness", score_name="closeness", counted=False, averages=False, export=None,
    models_of="classification",
    without=CLASSIFICATION.without | {"mixing", "label_smoothing", "tta", "test_scale"},
    objective=Part(f"{__name__}:objective"), epoch_scores=Part(f"{__name__}:epoch_scores"),
    predict=Part(f"{__name__}:predict"), save_predictions=Part(f"{__name__}:save_predictions"),
    load_predictions=Part(f"{__name__}:load_predictions"),
    figures=Part("engine.evaluation.metrics:figures_of_task"), reporting=None, doctor=Part(f"{__name__}:RULES"),
    linter=Part(f"{__name__}:RULES"))

METRIC = Metric("Closeness", "1 less the mean distance from the true level, as a share of the largest.", "The tests.",
                task="brightness", compute=f"{__name__}:closeness")


def _squares(count: int, seed: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    targets = np.arange(count) % LEVELS
    noise = np.random.default_rng(seed).integers(-8, 9, (count, 8, 8, 1))
    return (targets[:, None, None, None] * 25 + 15 + noise).astype(np.uint8), targets.astype(np.int64)


LOADER = Loader(folders=lambda root: [Path(__file__).parent], find=lambda folder: [Path(__file__)],
                read=lambda folder, files, row: Arrays(*_squares(row.train, 0), *_squares(row.test, 1)))


DATASET = DatasetRow("Grey squares of ten levels.", tuple(str(level) for level in range(LEVELS)), 400, 100, 8, 1,
                     task="brightness", loader=f"{__name__}:LOADER")


def _level(logits: Tensor) -> Tensor:
    """The level that a model means, float32 [B]: the mean of all levels by their probabilities."""
    return logits.softmax(1) @ torch.arange(LEVELS, dtype=torch.float32, device=logits.device)


@dataclass(frozen=True)
class Brightness:
    """The squared distance from the true level."""

    def learn(self, forward: Callable[[Tensor], Tensor], images: Tensor, targets: Tensor) -> BatchLosses:
        level = _level(forward(images))
        loss = (level - targets).square().mean()
        return BatchLosses({"loss": loss}, lambda meter: _count(meter, loss, level, targets))

    def validate(self, model: nn.Module, batches: EvalBatches) -> dict[str, float]:
        meter = Meter()
        for images, targets in batches:
            level = _level(model(images))
            _count(meter, (level - targets).square().mean(), level, targets)
        return meter.means()


def _count(meter: Meter, loss: Tensor, level: Tensor, targets: Tensor) -> None:
    distance = (level.detach() - targets).abs() / (LEVELS - 1)
    meter.add(len(targets), loss=loss.detach() * len(targets), closeness=(1 - distance).sum())


def objective(config: RunConfig, batches: Any) -> Brightness:
    return Brightness()


def epoch_scores(metrics: dict[str, float]) -> tuple[str, str]:
    return f"{metrics['train_closeness']:.3f}  ", f"{metrics['val_closeness']:.3f}"


@dataclass(frozen=True, eq=False)
class Guesses:
    """``ids`` and ``targets`` int64 [N], ``levels`` float32 [N]."""

    ids: np.ndarray[Any, Any]
    targets: np.ndarray[Any, Any]
    levels: np.ndarray[Any, Any]


@torch.inference_mode()
def predict(
    run: Run, model: nn.Module, pictures: EvalPictures, conditions: Conditions, device: torch.device,
) -> Guesses:
    batches: Iterator[Any] = iter(view_batches(pictures, run, View(), device))
    levels = torch.cat([_level(model(images)).cpu() for images, _ in batches])
    return Guesses(pictures.ids, pictures.targets, levels.numpy())


def save_predictions(path: Path, predictions: Guesses) -> str:
    np.savez(path, ids=predictions.ids, targets=predictions.targets, levels=predictions.levels)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_predictions(path: Path) -> Guesses:
    with np.load(path) as arrays:
        return Guesses(arrays["ids"], arrays["targets"], arrays["levels"])


def closeness(predictions: Guesses) -> float:
    return float(1 - np.abs(predictions.levels - predictions.targets).mean() / (LEVELS - 1))
