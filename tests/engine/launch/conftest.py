"""Real dispatchers and trainers, and such of a launcher without processes; all of which end with the test."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

import engine.launch.launcher
from engine.config import RunConfig
from engine.home import ROOT
from engine.launch import submit
from engine.launch.dispatcher import Dispatcher, serve
from engine.launch.launcher import launchers
from engine.launch.launchers.local.runfiles import read_identity
from engine.launch.launchers.local.wakeup import WakeSocket, dispatcher_listens, wake
from engine.store import Run, Store
from tests.engine.launch.fake_launcher import CLUSTER, Fake, clear
from tests.engine.launch.standin import ENTRY
from tests.processes import kill
from tests.waiting import until

Start = Callable[..., subprocess.Popen[bytes]]

LISTED = """GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaa-0)
  MIG 1g.5gb      Device  0: (UUID: MIG-1111)
GPU 1: NVIDIA GeForce RTX 3090 (UUID: GPU-bbbb-1)"""


@pytest.fixture
def store(home: Path) -> Store:
    return Store.open()


@pytest.fixture
def dispatch(store: Store, home: Path) -> Iterator[Start]:
    """Starts a dispatcher whose trainers are stand-ins, cold unless told otherwise, and waits until it listens."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, wait: bool = True) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "engine.launch.dispatcher", "--entry", ENTRY, *(arguments or ["--cold"])]
        with (home / "dispatcher.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        started.append(process)
        if wait:
            until(lambda: state(home).get("pid") == process.pid and dispatcher_listens())
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()


class Place(Protocol):
    """Where stand-in runs are trained, and how one interferes there."""

    def dispatch(self) -> Callable[[], None]:
        """Start a dispatcher; returns what kills it."""

    def kill_trainer(self, run: Run) -> None:
        """Kill the trainer of a run from outside."""


class LocalPlace:
    """Processes of this machine."""

    def __init__(self, start: Start) -> None:
        self._start = start

    def dispatch(self) -> Callable[[], None]:
        process = self._start()

        def end() -> None:
            process.kill()
            process.wait()

        return end

    def kill_trainer(self, run: Run) -> None:
        kill(trainer_pid(run))


class FakePlace:
    """Threads of this process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ends: list[Callable[[], None]] = []

    def dispatch(self) -> Callable[[], None]:
        waker = _MortalSocket()
        thread = threading.Thread(target=self._serve, args=(waker,))
        thread.start()
        until(dispatcher_listens)

        def end() -> None:
            waker.dead = True
            wake()
            thread.join()

        self._ends.append(end)
        return end

    def kill_trainer(self, run: Run) -> None:
        (handle,) = [handle for handle in CLUSTER if handle.job == f"job-{run.id}-{run.attempt}"]
        Fake().kill(handle)

    def close(self) -> None:
        for end in self._ends:
            end()
        until(clear)
        CLUSTER.clear()

    def _serve(self, waker: _MortalSocket) -> None:
        with contextlib.suppress(_DispatcherKilled):
            serve(Dispatcher(self._store, launchers()), waker, self._store, 600)
        waker.close()


class _DispatcherKilled(BaseException):
    """Ends a dispatcher's thread between two looks, with no chance to do anything more."""


class _MortalSocket(WakeSocket):
    dead = False

    def wait(self, seconds: float) -> None:
        super().wait(seconds)
        if self.dead:
            raise _DispatcherKilled


@pytest.fixture(params=["local", "fake"])
def place(request: pytest.FixtureRequest, store: Store, dispatch: Start,
          monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The launcher there is, and one that is nothing but a class and a row."""
    if request.param == "local":
        yield LocalPlace(dispatch)
        return
    monkeypatch.setattr(engine.launch.launcher, "LAUNCHERS", {"fake": "tests.engine.launch.fake_launcher:Fake"})
    monkeypatch.setattr("engine.launch.queue.ensure_dispatcher", wake)
    fake = FakePlace(store)
    yield fake
    fake.close()


@pytest.fixture
def two_gpus(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "nvidia-smi"
    program.write_text(f'#!/bin/sh\n[ "$1" = -L ] && cat <<END\n{LISTED}\nEND\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def state(home: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((home / "artifacts/launch/state.json").read_text()))
    except (OSError, ValueError):
        return {}


def queue(store: Store, notes: str = "", **options: Any) -> Run:
    """Queue a stand-in run that behaves as its notes say."""
    return submit(store, RunConfig(notes=notes, **options))


def queue_elsewhere(store: Store, device: str, notes: str = "") -> Run:
    """A queued row that woke nobody, as from another program."""
    return store.runs.create(RunConfig(device=device, notes=notes), environment={}, git_commit=None, git_dirty=False)


def status(store: Store, run: Run) -> str:
    return str(store.runs.get(run.id).status)


def wait_for(store: Store, run: Run, wanted: str, seconds: float = 30) -> Run:
    until(lambda: status(store, run) == wanted, seconds, every=0.01)
    return store.runs.get(run.id)


def starts(run: Run) -> list[dict[str, Any]]:
    """What each trainer of a run said when it began."""
    path = run.folder / "started.txt"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def trainer_pid(run: Run) -> int:
    """The process that trains a run on this machine."""
    return until(lambda: read_identity(run.id, run.attempt)).pid
