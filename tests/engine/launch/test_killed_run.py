"""A run that was killed and resumed ends as one that never was, bit for bit."""

from __future__ import annotations

import os
import signal
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.config import RunConfig
from engine.launch import reap, resume, submit
from engine.store import Run, Store
from engine.store.evaluations import Conditions
from tests.engine.launch.conftest import trainer_pid, wait_for
from tests.waiting import until

# Epochs of a second or two: long enough to be caught in the middle of one by looking at the store.
CLASSIFIER = RunConfig(dataset="Digits", model="tinyvgg_a", batch_size=64, image_size=96, epochs=6, device="cpu",
                       augmentation="weak", schedule="cosine", seed=3)
DETECTOR = RunConfig(dataset="Scenes", model="fcos", batch_size=2, image_size=96, epochs=4, device="cpu", seed=3,
                     train_fraction=0.15, augmentation="strong", schedule="cosine", optimizer="AdamW", lr=0.001)
EACH_EPOCH = {"classification": ("train_accuracy", "val_accuracy"), "detection": ("val_loss_box", "val_map")}
EACH_STEP = {"classification": ("loss", "lr"), "detection": ("loss", "lr", "loss_class", "loss_box", "loss_centre")}


@pytest.mark.slow
@pytest.mark.parametrize("config", [CLASSIFIER, DETECTOR], ids=["classifier", "detector"])
def test_a_run_killed_in_an_epoch_and_resumed_ends_bit_for_bit_as_one_that_never_was(
    store: Store, config: RunConfig,
) -> None:
    whole, cut = (submit(store, config.model_copy(update={"name": name})) for name in ("whole", "cut"))
    wait_for(store, whole, "finished", 200)
    running = until(lambda: _in_third_epoch(store.runs.get(cut.id)), 100, every=0.005)
    os.kill(trainer_pid(running), signal.SIGKILL)
    until(lambda: reap(store) or not store.runs.get(cut.id).is_live)
    dead = store.runs.get(cut.id)
    assert (dead.status, dead.error, dead.exit_code) == ("failed", "killed by signal 9", -9)
    recorded = store.metrics.summary(cut.id)["loss"].last_step
    assert 2 * dead.steps_per_epoch < recorded < 3 * dead.steps_per_epoch
    resume(store, dead)
    again = wait_for(store, cut, "finished", 200)
    assert again.attempt == 2
    for name in (*EACH_STEP[again.task], "train_loss", "val_loss", *EACH_EPOCH[again.task]):
        steps, values = store.metrics.since(whole.id, name, 0)
        assert len(steps) == (again.total_steps if name in EACH_STEP[again.task] else config.epochs)
        assert np.array_equal(store.metrics.since(cut.id, name, 0)[0], steps)
        assert np.array_equal(store.metrics.since(cut.id, name, 0)[1], values), name
    said, resumed = (_tested(store, run) for run in (whole, cut))
    assert said.keys() == resumed.keys() and max(map(len, said.values())) > 40
    assert all(array.tobytes() == resumed[name].tobytes() for name, array in said.items())


def _tested(store: Store, run: Run) -> dict[str, NDArray[Any]]:
    """Every array of the predictions on the test set."""
    tested = store.evaluations.find(run.id, Conditions(checkpoint="best", split="test"))
    assert tested is not None
    with np.load(tested.predictions) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _in_third_epoch(run: Run) -> Run | None:
    """The run when it is within its third epoch, far enough from the end of it to be stopped there."""
    assert run.epoch <= 3, "its epochs are too short to be caught in the third"
    return run if 2 < (run.step / max(run.steps_per_epoch, 1)) < 2.8 else None
