"""A trainer that does not answer is shown as such, and a stop does not wait for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.cli.output import run_document
from engine.home import ROOT
from engine.launch.launchers.local.runfiles import read_identity
from engine.store import Status, Store
from tests.engine.launch.test_homes import LONG
from tests.fake_runs import add_run
from tests.waiting import until


@pytest.mark.parametrize(("status", "ago", "silent"), [
    ("running", 5, False), ("running", 12, True), ("evaluating", 700, True), ("starting", 30, True),
    ("finished", 700, False), ("running", None, False)])
def test_only_a_live_run_without_a_heartbeat_is_silent(home: Path, status: str, ago: float | None,
                                                       silent: bool) -> None:
    store = Store.open()
    run_id = add_run(store, status=status).id
    store.runs.update(run_id, heartbeat_at=ago and time.time() - ago)
    run = store.runs.get(run_id)
    assert bool(run.silence) == bool(run_document(run)["silence"]) == silent
    assert (f"no sign of life for {ago} s" in str(run.remark)) == silent


@pytest.mark.slow
def test_a_suspended_trainer_is_shown_as_silent_and_killed_within_15_seconds(home: Path) -> None:
    command = [sys.executable, "-m", "engine"]
    process = subprocess.Popen([*command, "train", *LONG], cwd=ROOT, stderr=subprocess.DEVNULL)
    until(lambda: (home / "runs.db").exists() and any(run.epoch >= 1 for run in Store.open().runs.list()), 120)
    (run,) = Store.open().runs.list()
    identity = read_identity(run.id, run.attempt)
    assert identity is not None
    os.kill(identity.pid, signal.SIGSTOP)
    until(lambda: Store.open().runs.get(run.id).silence, 20)
    shown = subprocess.run([*command, "runs"], cwd=ROOT, capture_output=True, text=True).stdout
    assert "no sign of life for" in shown
    began = time.monotonic()
    assert subprocess.run([*command, "stop", "1"], cwd=ROOT, capture_output=True).returncode == 0
    until(lambda: Store.open().runs.get(run.id).status is Status.STOPPED, 30)
    assert time.monotonic() - began < 15 + 5  # beside the starts of two processes on a busy machine
    process.wait(30)
