"""Real dispatchers and trainers, all of which end with the test."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.config import RunConfig
from engine.home import ROOT
from engine.launch import submit
from engine.launch.wake import dispatcher_listens
from engine.store import Run, Store
from tests.engine.launch.standin import ENTRY
from tests.waiting import until

Start = Callable[..., subprocess.Popen[bytes]]


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


def state(home: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((home / "artifacts/launch/state.json").read_text()))
    except (OSError, ValueError):
        return {}


def queue(store: Store, notes: str = "", **options: Any) -> Run:
    """Queue a stand-in run that behaves as its notes say."""
    return submit(store, RunConfig(notes=notes, **options))


def status(store: Store, run: Run) -> str:
    return str(store.runs.get(run.id).status)


def wait_for(store: Store, run: Run, wanted: str, seconds: float = 30) -> Run:
    until(lambda: status(store, run) == wanted, seconds, every=0.01)
    return store.runs.get(run.id)


def starts(run: Run) -> list[dict[str, Any]]:
    """What each trainer of a run said when it began."""
    path = run.folder / "started.txt"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
