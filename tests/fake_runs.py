"""Runs in a store without training: curves, and predictions whose answers are known."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.config import parse_config, with_name
from engine.data import load_dataset
from engine.evaluation.metrics import Predictions, summary
from engine.evaluation.predictions import save_predictions
from engine.store import Recorder, Run, Store

WRONG = {(8, 1): 3, (3, 5): 1}
"""Of Digits' test pictures, so many of the true class are predicted as the other; all the rest is right."""


def add_run(store: Store, status: str = "finished", *, epochs: int = 2, steps_per_epoch: int = 5,
            **options: Any) -> Run:
    """A run with ``epochs`` recorded epochs; a finished one has test predictions."""
    config = with_name(parse_config({"epochs": max(epochs, 1), **options}))
    run = store.runs.create(config, status=status, environment={}, git_commit=None, git_dirty=False)
    with Recorder(store, run.id, 1) as recorder:
        for step in range(1, epochs * steps_per_epoch + 1):
            epoch = (step - 1) // steps_per_epoch + 1
            recorder.log(step, {"loss": 2 / step, "lr": config.lr}, epoch)
            if step % steps_per_epoch == 0:
                recorder.log(step, {"train_loss": 2 / step, "train_accuracy": 1 - 1 / step, "val_loss": 2.2 / step,
                                    "val_accuracy": 1 - 1.1 / step, "images_per_second": 1000.0, "memory": 3e8}, epoch)
    store.runs.update(run.id, total_steps=steps_per_epoch * config.epochs, steps_per_epoch=steps_per_epoch,
                      device="cpu", trained_seconds=1.5, parameters=153_000, resolved={"image_size": 32})
    if status == "finished":
        _add_predictions(store, run)
    return store.runs.get(run.id)


def add_checkpoint(run: Run) -> None:
    """What a run must have to be resumed; there are no weights in it."""
    weights = run.folder / "checkpoints" / f"epoch-{run.epoch:04d}" / "model.safetensors"
    weights.parent.mkdir(parents=True)
    weights.touch()


def _add_predictions(store: Store, run: Run) -> None:
    targets = np.asarray(load_dataset("Digits").test_targets)
    logits = np.zeros((len(targets), 10), np.float32)
    logits[np.arange(len(targets)), targets] = 5
    for (true, predicted), count in WRONG.items():
        for place, row in enumerate(np.flatnonzero(targets == true)[:count]):
            logits[row, predicted] = 6 + place
    path = run.folder / "predictions-best-test.npz"
    predictions = Predictions(np.arange(len(targets)), targets, logits)
    sha256 = save_predictions(path, predictions)
    store.evaluations.add(run.id, "best", "test", summary(predictions), path, sha256)
