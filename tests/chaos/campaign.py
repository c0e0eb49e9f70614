"""Runs that are disturbed at random moments, compared with one that never was."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from engine.config import RunConfig
from engine.launch import reap, request_stop, resume, submit
from engine.launch.launchers.local.places import state_path
from engine.launch.launchers.local.runfiles import read_identity
from engine.store import Run, Status, Store
from engine.training.checkpoints import Checkpoints
from tests.processes import kill
from tests.waiting import until

CONFIG = RunConfig(dataset="Digits", model="tinyvgg_a", batch_size=128, epochs=12, device="cpu", augmentation="weak",
                   schedule="cosine", seed=5)
_SECONDS = 180.0


def _trainer(run: Run) -> int:
    return until(lambda: read_identity(run.id, run.attempt), _SECONDS).pid


def _kill_trainer(store: Store, run: Run) -> None:
    kill(_trainer(run))


def _kill_dispatcher(store: Store, run: Run) -> None:
    kill(int(json.loads(state_path().read_text())["pid"]))


def _kill_both(store: Store, run: Run) -> None:
    _kill_dispatcher(store, run)
    _kill_trainer(store, run)


def _stop(store: Store, run: Run) -> None:
    request_stop(store, run)


def _suspend_and_stop(store: Store, run: Run) -> None:
    os.kill(_trainer(run), signal.SIGSTOP)
    request_stop(store, run)


FAULTS: dict[str, Callable[[Store, Run], None]] = {
    "trainer killed": _kill_trainer, "dispatcher killed": _kill_dispatcher,
    "trainer and dispatcher killed": _kill_both, "stopped": _stop, "trainer suspended, then stopped": _suspend_and_stop}


def campaign(minutes: float, seed: int, say: Callable[[str], None] = print) -> Counter[str]:
    """Disturb runs in the home until the time is over; returns how many runs each fault met.

    Raises:
        AssertionError: a point was lost, a status was false, or a resumed run ended otherwise; the seed is said before.
    """
    say(f"seed {seed}")
    chance, deadline, met = random.Random(seed), time.monotonic() + 60 * minutes, Counter[str]()
    store = Store.open()
    whole = submit(store, CONFIG.model_copy(update={"name": "whole"}))
    until(lambda: store.runs.get(whole.id).is_ended, _SECONDS)
    assert store.runs.get(whole.id).status is Status.FINISHED
    while time.monotonic() < deadline:
        name = chance.choice(list(FAULTS))
        _disturb(store, name, chance)
        met[name] += 1
        say(f"{sum(met.values()):>4}  {name}")
        _compare(store, whole, max(store.runs.list(), key=lambda run: run.id))
    return met


def _disturb(store: Store, name: str, chance: random.Random) -> None:
    """Queue a run, disturb it after a random number of steps, and resume it until it has finished."""
    run = submit(store, CONFIG.model_copy(update={"name": name}))
    after = chance.randrange(1, 12 * 12)
    until(lambda: store.runs.get(run.id).step >= after or store.runs.get(run.id).is_ended, _SECONDS, every=0.01)
    before = store.metrics.since(run.id, "loss", 0)
    FAULTS[name](store, store.runs.get(run.id))
    if name != "dispatcher killed":
        until(lambda: reap(store) or not store.runs.get(run.id).is_live, 30)
    steps, values = store.metrics.since(run.id, "loss", 0)
    assert np.array_equal(steps[:len(before[0])], before[0]) and np.array_equal(values[:len(before[1])], before[1])
    until(lambda: _finished(store, run.id), _SECONDS)


def _finished(store: Store, run_id: int) -> bool:
    reap(store)
    run = store.runs.get(run_id)
    if run.is_ended and run.status is not Status.FINISHED:
        resume(store, run)
    return run.status is Status.FINISHED


def _compare(store: Store, whole: Run, cut: Run) -> None:
    for name in ("loss", "val_loss", "val_accuracy"):
        for one, other in zip(store.metrics.since(whole.id, name, 0), store.metrics.since(cut.id, name, 0),
                              strict=True):
            assert np.array_equal(one, other), f"{name} of {cut.name} #{cut.id}"
    said, resumed = (load_file(_last(run) / "model.safetensors") for run in (whole, cut))
    assert all(np.array_equal(array, resumed[key]) for key, array in said.items())
    until(lambda: not list(cut.folder.rglob(".*")), 10)  # a dispatcher may be writing at this moment


def _last(run: Run) -> Path:
    found = Checkpoints(run.folder / "checkpoints").path("last")
    assert found is not None
    return found
