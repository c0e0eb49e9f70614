"""A run that was killed and resumed ends as one that never was, bit for bit."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.config import RunConfig
from engine.evaluation.predictions import load_predictions
from engine.launch import reap, resume, submit
from engine.store import Run, Store
from engine.store.evaluations import Conditions
from tests.engine.launch.conftest import wait_for
from tests.waiting import until

CURVES = ("loss", "lr", "train_loss", "train_accuracy", "val_loss", "val_accuracy")
# Epochs of a second or two: long enough to be caught in the middle of one by looking at the store.
CONFIG = RunConfig(dataset="Digits", model="tinyvgg_a", batch_size=64, image_size=96, epochs=6, device="cpu",
                   augmentation="weak", schedule="cosine", seed=3)


@pytest.mark.slow
def test_a_run_killed_in_an_epoch_and_resumed_ends_bit_for_bit_as_one_that_never_was(store: Store) -> None:
    whole, cut = (submit(store, CONFIG.model_copy(update={"name": name})) for name in ("whole", "cut"))
    wait_for(store, whole, "finished", 200)
    running = until(lambda: _in_third_epoch(store.runs.get(cut.id)), 100, every=0.005)
    assert running.pid is not None
    os.kill(running.pid, signal.SIGKILL)
    until(lambda: reap(store) or not store.runs.get(cut.id).is_live)
    dead = store.runs.get(cut.id)
    assert (dead.status, dead.error, dead.exit_code) == ("failed", "killed by signal 9", -9)
    recorded = store.metrics.summary(cut.id)["loss"].last_step
    assert 2 * dead.steps_per_epoch < recorded < 3 * dead.steps_per_epoch
    resume(store, dead)
    again = wait_for(store, cut, "finished", 200)
    assert again.attempt == 2
    for name in CURVES:
        steps, values = store.metrics.since(whole.id, name, 0)
        assert len(steps) == (again.total_steps if name in ("loss", "lr") else CONFIG.epochs)
        assert np.array_equal(store.metrics.since(cut.id, name, 0)[0], steps)
        assert np.array_equal(store.metrics.since(cut.id, name, 0)[1], values), name
    logits, resumed = (_tested(store, run) for run in (whole, cut))
    assert len(logits) > 100 and logits.tobytes() == resumed.tobytes()


def _tested(store: Store, run: Run) -> NDArray[np.float32]:
    tested = store.evaluations.find(run.id, Conditions(checkpoint="best", split="test"))
    assert tested is not None
    return load_predictions(tested.predictions).logits


def _in_third_epoch(run: Run) -> Run | None:
    """The run when it is within its third epoch, far enough from the end of it to be stopped there."""
    assert run.epoch <= 3, "its epochs are too short to be caught in the third"
    return run if 2 < (run.step / max(run.steps_per_epoch, 1)) < 2.8 else None
