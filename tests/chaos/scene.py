"""Where faults happen: a home, a run that nothing disturbs to compare with, and the run that is disturbed."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from engine.config import RunConfig
from engine.home import home
from engine.launch import reap, resume, submit
from engine.launch.launchers.local.process import Identity
from engine.launch.launchers.local.runfiles import read_identity
from engine.launch.log import log_file
from engine.store import Run, Status, Store
from engine.store.points import Column
from engine.training.checkpoints import Checkpoints
from tests.processes import kill_all
from tests.waiting import until

CONFIG = RunConfig(dataset="Digits", model="tinyvgg_a", batch_size=128, epochs=12, device="cpu", augmentation="weak",
                   schedule="cosine", seed=5)
STEPS = 12 * 11
SECONDS = 180.0
CURVES = ("loss", "val_loss", "val_accuracy")


class Scene:
    """The folder ``base`` holds the home, which a fault may move or copy.

    Attributes:
        run: the run that is disturbed.
        acknowledged: its points in the store just before the fault.
    """

    def __init__(self, base: Path, chance: random.Random) -> None:
        self.base, self.chance = base, chance
        self.homes = [base / "home"]
        os.environ["DARKROOM_HOME"] = str(self.homes[0])
        self.whole = self.run = self._submit("whole")
        until(lambda: self.look(self.whole.id).is_ended, SECONDS)
        assert self.look(self.whole.id).status is Status.FINISHED
        self.points = {name: self.store.metrics.since(self.whole.id, name, 0) for name in CURVES}
        self.weights = load_file(_last(self.whole) / "model.safetensors")

    @property
    def store(self) -> Store:
        return Store.open()

    def look(self, run_id: int) -> Run:
        return self.store.runs.get(run_id)

    def begin(self, moment: Callable[[Run], object] | None = None) -> Run:
        """Queue a run, and return it at this moment; by default after a random number of steps."""
        self.run = run = self._submit(f"disturbed {self.chance.randrange(10**6)}")
        after = self.chance.randrange(1, STEPS - 11)
        reached = moment or (lambda seen: seen.step >= after)
        until(lambda: reached(seen := self.look(run.id)) or seen.is_ended, SECONDS, every=0.002 if moment else 0.02)
        self.acknowledged = self.store.metrics.since(run.id, "loss", 0)
        found = self.look(run.id)
        assert found.step or not found.is_ended, found.error
        return found

    def trainer(self) -> Identity:
        """The process that trains the run, or has trained it."""
        run = self.look(self.run.id)
        return until(lambda: read_identity(run.id, run.attempt), SECONDS)

    def move(self, name: str) -> None:
        """Move the home, as a person does; this process follows."""
        self.store.connections.close()
        self.homes.append(self.base / name)
        home().rename(self.homes[-1])
        os.environ["DARKROOM_HOME"] = str(self.homes[-1])

    @contextlib.contextmanager
    def copy(self, name: str) -> Iterator[Path]:
        """Work in a copy of the home for a while; nothing of it is left."""
        original, place = home(), self.base / name
        self.homes.append(place)
        os.system(f"cp -a '{original}' '{place}' 2>/dev/null")  # what vanishes meanwhile is not in it
        os.environ["DARKROOM_HOME"] = str(place)
        try:
            yield place
        finally:
            os.environ["DARKROOM_HOME"] = str(original)
            kill_all(place)
            os.system(f"rm -rf '{place}'")

    def end(self) -> None:
        """End every process of every place that the home was in."""
        for place in self.homes:
            kill_all(place)

    def is_true(self) -> bool:
        """Whether the row says of the run's process what is so, once it was looked at as a page does."""
        reap(self.store)
        run = self.look(self.run.id)
        identity = read_identity(run.id, run.attempt)
        return run.status is Status.QUEUED or run.is_live == bool(identity and identity.is_alive())

    def finish(self) -> None:
        """Resume the run until it has finished; nothing half-written may be left of it."""
        until(self._finished, SECONDS)
        until(lambda: not [path for path in self.run.folder.rglob(".*") if path.suffix != ".lock"], 10)

    def _finished(self) -> bool:
        reap(self.store)
        run = self.look(self.run.id)
        if run.is_ended and run.status is not Status.FINISHED:
            resume(self.store, run)
        return run.status is Status.FINISHED

    def assert_kept(self) -> None:
        """The database is sound, and every acknowledged point of both runs is there."""
        with self.store.connections.reading() as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall()[0][0] == "ok"
        until(self._has_acknowledged, 10)  # into another database a living trainer copies its journal first
        for name, points in self.points.items():
            assert same(self.store.metrics.since(self.whole.id, name, 0), points), f"{name} of the whole run changed"

    def _has_acknowledged(self) -> bool:
        found = self.store.metrics.since(self.run.id, "loss", 0)
        return same((found[0][:len(self.acknowledged[0])], found[1][:len(self.acknowledged[0])]), self.acknowledged)

    def assert_as_whole(self) -> None:
        """The run that was disturbed ended as the one that never was, bit for bit."""
        for name, points in self.points.items():
            assert same(self.store.metrics.since(self.run.id, name, 0), points), f"{name} ended otherwise"
        resumed = load_file(_last(self.look(self.run.id)) / "model.safetensors")
        assert all(np.array_equal(array, resumed[key]) for key, array in self.weights.items()), "weights are otherwise"

    def log(self) -> str:
        return log_file(self.run.id).read_text(errors="replace")

    def _submit(self, name: str) -> Run:
        return submit(self.store, CONFIG.model_copy(update={"name": name}))


def same(one: Column, other: Column) -> bool:
    return all(np.array_equal(left, right) for left, right in zip(one, other, strict=True))


def _last(run: Run) -> Path:
    found = Checkpoints(run.folder / "checkpoints").path("last")
    assert found is not None
    return found
