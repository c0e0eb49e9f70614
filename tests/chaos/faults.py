"""The faults: one function each, which begins a run, disturbs it, and looks at what only this fault promises."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from engine.home import home
from engine.launch import request_stop
from engine.launch.launchers.local.places import state_path
from engine.store import Run, Store
from tests.app_tests import open_page
from tests.chaos import homes
from tests.chaos.crowds import tabs, writers
from tests.chaos.scene import Scene
from tests.fake_runs import add_run
from tests.processes import kill, kill_all
from tests.waiting import until

MANY = 2000


@dataclass(frozen=True)
class Fault:
    """``says``: what the row says of the run then. ``resumes``: the run can be resumed to the same end."""

    happen: Callable[[Scene], object]
    says: str = ""
    resumes: bool = True


def _trainer_killed(scene: Scene) -> None:
    scene.begin()
    kill(scene.trainer().pid)


def _dispatcher_killed(scene: Scene) -> None:
    scene.begin()
    _kill_dispatcher()


def _both_killed(scene: Scene) -> None:
    scene.begin()
    _kill_dispatcher()
    kill(scene.trainer().pid)


def _supervisor_killed(scene: Scene) -> None:
    scene.begin()
    trainer = scene.trainer()
    if trainer.is_alive():
        kill(psutil.Process(trainer.pid).ppid())


def _group_killed(scene: Scene) -> None:
    scene.begin()
    trainer = scene.trainer()
    if trainer.is_alive():
        os.killpg(os.getpgid(trainer.pid), signal.SIGKILL)


def _everything_killed(scene: Scene) -> None:
    scene.begin()
    kill_all(home())


def _killed_in_a_checkpoint(scene: Scene) -> None:
    scene.begin(lambda run: run.step > 11 and list(run.folder.glob("checkpoints/.writing-*")))
    kill(scene.trainer().pid)


def _killed_in_predictions(scene: Scene) -> None:
    scene.begin(lambda run: list(run.folder.glob(".predictions*")) or run.status == "evaluating")
    kill(scene.trainer().pid)


def _stopped(scene: Scene) -> None:
    _request_stop(scene.store, scene.begin())


def _suspended_and_stopped(scene: Scene) -> None:
    run = scene.begin()
    os.kill(scene.trainer().pid, signal.SIGSTOP)
    began = time.monotonic()
    _request_stop(scene.store, run)
    until(lambda: scene.look(run.id).is_ended, 30)
    assert time.monotonic() - began < 15 + 3  # beside what a busy machine keeps the dispatcher waiting


def _suspended(scene: Scene) -> None:
    run = scene.begin()
    trainer = scene.trainer()
    os.kill(trainer.pid, signal.SIGSTOP)
    until(lambda: not scene.look(run.id).is_live or scene.look(run.id).silence, 20)
    now = scene.look(run.id)
    assert now.is_ended or ("no sign of life for" in str(now.remark) and "no sign of life for" in homes.command("runs"))
    os.kill(trainer.pid, signal.SIGCONT)


def _ten_tabs(scene: Scene) -> None:
    """The server alone makes the row true, while ten pages watch."""
    with tabs(10):
        run = scene.begin()
        _kill_dispatcher()
        kill(scene.trainer().pid)
        until(lambda: scene.look(run.id).is_ended, 10)


def _sixteen_writers(scene: Scene) -> None:
    """Every third of them is killed, as is the trainer."""
    with writers(scene.store, 16, 3000, killed=range(0, 16, 3)):
        scene.begin()
        kill(scene.trainer().pid)


def _many_runs(scene: Scene) -> None:
    """The home has 2,000 runs from here on."""
    pattern, store = add_run(scene.store, name="one of many"), scene.store
    for _ in range(MANY - len(store.runs.list())):
        store.runs.create(pattern.config_object(), status="finished", environment={}, git_commit=None, git_dirty=False)
    began = time.process_time()  # other work on the machine counts not
    assert len(store.runs.list()) >= MANY and time.process_time() - began < 0.5
    app = open_page("runs")
    assert not app.exception and not app.error
    scene.begin()
    kill(scene.trainer().pid)


FAULTS = {
    "trainer killed": Fault(_trainer_killed),
    "dispatcher killed": Fault(_dispatcher_killed),
    "trainer and dispatcher killed": Fault(_both_killed),
    "supervisor killed": Fault(_supervisor_killed),
    "process group killed": Fault(_group_killed),
    "every process killed": Fault(_everything_killed),
    "killed in a checkpoint": Fault(_killed_in_a_checkpoint),
    "killed in predictions": Fault(_killed_in_predictions),
    "stopped": Fault(_stopped),
    "suspended, then stopped": Fault(_suspended_and_stopped),
    "suspended for 10 s": Fault(_suspended),
    "disk full": Fault(homes.disk_full),
    "home moved": Fault(homes.moved, says="its home was moved"),
    "home copied": Fault(homes.copied),
    "database deleted": Fault(homes.database_deleted),
    "database replaced": Fault(homes.database_replaced),
    "database damaged": Fault(homes.database_damaged),
    "run's folder deleted": Fault(homes.folder_deleted, resumes=False),
    "viewed by another user": Fault(homes.read_only),
    "ten tabs, both killed": Fault(_ten_tabs),
    "sixteen writers": Fault(_sixteen_writers),
    "2,000 runs": Fault(_many_runs),
}


def _kill_dispatcher() -> None:
    kill(int(json.loads(state_path().read_text())["pid"]))


def _request_stop(store: Store, run: Run) -> None:
    if store.runs.get(run.id).is_live:
        request_stop(store, run)
