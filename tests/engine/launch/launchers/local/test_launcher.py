"""The local launcher by itself: what it knows from a run's folder."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from engine.config import RunConfig
from engine.launch.launcher import Ended, Running, Unknown, Waiting
from engine.launch.launchers.local.launcher import Local
from engine.launch.launchers.local.process import Identity
from engine.launch.launchers.local.runfiles import take_attempt, write_exit, write_identity
from engine.store import Run, Store
from tests.waiting import until


@pytest.fixture
def run(home: Path) -> Run:
    return Store.open().runs.create(RunConfig(), environment={}, git_commit=None, git_dirty=False)


def seen(run: Run) -> object:
    local = Local(warm=False)
    (found,) = local.poll([local.handle(run)]).values()
    return found


def test_an_attempt_is_seen_by_what_its_trainer_wrote(run: Run) -> None:
    assert isinstance(seen(run), Waiting)
    me = Identity.of(os.getpid())
    for changes, expected in (
            ({}, Running(me.host)), ({"host": "elsewhere"}, Unknown("elsewhere")),
            ({"boot_id": "before"}, Ended(how="the machine was restarted while it ran", lost=True)),
            ({"started": me.started - 1}, Ended(how="its process is gone and left no exit code"))):
        write_identity(run.id, run.attempt, dataclasses.replace(me, **changes))
        assert seen(run) == expected


def test_how_a_trainer_ended_is_waited_for_as_long_as_its_supervisor_has_not_noticed(run: Run) -> None:
    trainer = subprocess.Popen(["sleep", "600"])
    write_identity(run.id, run.attempt, Identity.of(trainer.pid))
    trainer.kill()

    def notice() -> None:
        time.sleep(0.6)
        write_exit(run.id, run.attempt, 0, 9, oom_kill=False)
        trainer.wait()

    supervisor = threading.Thread(target=notice)
    supervisor.start()
    first = until(lambda: isinstance(found := seen(run), Ended) and found)
    supervisor.join()
    assert first == Ended(-9, "killed by signal 9")


def test_an_attempt_that_is_killed_before_it_begins_never_does(run: Run) -> None:
    local = Local(warm=False)
    local.kill(local.handle(run), gently=True)
    assert isinstance(seen(run), Waiting)
    local.kill(local.handle(run))
    assert seen(run) == Ended(-9, "killed by signal 9")
    assert not take_attempt(run.id, run.attempt)


def test_making_one_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.run", lambda *_: pytest.fail("a program was asked"))
    monkeypatch.setattr("subprocess.Popen", lambda *_: pytest.fail("a process was started"))
    Local()
