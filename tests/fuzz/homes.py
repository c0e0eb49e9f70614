"""The home that commands work in: a run with results, a run that was trained, a study, a snapshot."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from contextlib import redirect_stdout

from engine.cli.main import main
from engine.config import RunConfig
from engine.home import home
from engine.launch import create_foreground
from engine.launch.queue import resume
from engine.runner.main import train_run
from engine.store import Store
from engine.store.snapshots import take
from engine.study.templates import template
from engine.study.versions import Studies
from tests.fake_runs import add_run
from tests.fuzz.kinds import OTHER, TRAINED


def make() -> int:
    """Make this process's home; returns an exit code."""
    store = Store.open()
    add_run(store, name=OTHER)
    run = create_foreground(store, RunConfig(name=TRAINED, epochs=1, train_fraction=0.2, device="cpu"))
    code = train_run(run.id)
    Studies(store).save(template("tiny-vgg", scaled=True, name_as="study"))
    take(store.connections, home() / "snapshots" / "runs-2026-01-02.db")
    return code


def look(*, names: Sequence[str]) -> str:
    """What is wrong with the runs of this process's home, in words: whatever happened, they are listed."""
    said = io.StringIO()
    with redirect_stdout(said):
        code = main(["runs", "--json"])
    if code:
        return f"runs: exit {code}"
    found = {run["name"] for run in json.loads(said.getvalue())}
    lost = sorted(set(names) - found)
    return f"lost {lost}" if lost else ""


def go_on(name: str) -> int:
    """Resume a run and train it here, as its trainer does."""
    store = Store.open()
    run = store.runs.find(name)
    resume(store, run, more=1)
    store.runs.transition(run.id, "starting", expected=("queued",), slot="cpu:0")
    return train_run(run.id)
