"""Queued runs start, once, and their slots come free again, whoever dies."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

import pytest

from engine.home import ROOT
from engine.launch import ensure_dispatcher, reap
from engine.launch.dispatcher import Dispatcher
from engine.launch.launcher import launchers
from engine.launch.launchers.local.process import Identity, process_started
from engine.launch.launchers.local.runfiles import read_exit, read_identity, take_attempt
from engine.launch.launchers.local.wakeup import dispatcher_listens
from engine.store import LIVE, Store
from tests.engine.launch.conftest import (
    Place,
    Start,
    queue,
    queue_elsewhere,
    starts,
    state,
    status,
    wait_for,
)
from tests.engine.launch.fake_launcher import CLOGGED
from tests.engine.launch.standin import ENTRY
from tests.processes import kill
from tests.waiting import until


def test_a_queued_run_is_trained(store: Store, place: Place) -> None:
    place.dispatch()
    run = wait_for(store, queue(store), "finished")
    assert run.attempt == 1 and run.slot is None
    assert len(starts(run)) == 1


def test_a_started_run_says_who_trains_it(store: Store, dispatch: Start) -> None:
    dispatch()
    run = queue(store, "wait")
    wait_for(store, run, "running")
    until(lambda: store.runs.get(run.id).handle["job"])
    run = store.runs.get(run.id)
    assert (run.slot, run.handle) == ("cpu:0", {"launcher": "local", "job": f"{run.id}:1"})
    assert read_identity(run.id, 1) == Identity.of(starts(run)[0]["pid"])
    (run.folder / "go").touch()
    wait_for(store, run, "finished")
    until(lambda: read_exit(run.id, 1))
    exit_file = read_exit(run.id, 1)
    assert exit_file is not None and (exit_file.code, exit_file.signal) == (0, 0)


def test_one_slot_trains_one_run_at_a_time_in_order(store: Store, place: Place) -> None:
    place.dispatch()
    first, second = queue(store, "wait"), queue(store, "wait")
    wait_for(store, first, "running")
    assert status(store, second) == "queued"
    (first.folder / "go").touch()
    wait_for(store, second, "running")
    assert status(store, first) == "finished"


def test_more_slots_at_once_as_soon_as_the_setting_says(store: Store, place: Place) -> None:
    place.dispatch()
    runs = [queue(store, "wait") for _ in range(3)]
    wait_for(store, runs[0], "running")
    store.settings.set("cpu_slots", 2)
    wait_for(store, runs[1], "running")
    assert status(store, runs[2]) == "queued"
    assert {store.runs.get(run.id).slot for run in runs[:2]} == {"cpu:0", "cpu:1"}


def test_a_second_dispatcher_is_refused(store: Store, dispatch: Start) -> None:
    dispatch()
    assert dispatch(wait=False).wait(20) == 1


def test_a_run_on_a_device_this_machine_lacks_fails_with_a_reason(store: Store, place: Place) -> None:
    run = queue_elsewhere(store, "cuda:7")
    place.dispatch()
    assert "no cuda:7" in (wait_for(store, run, "failed").error or "")


def test_trainers_outlive_the_dispatcher_and_are_adopted_by_the_next(store: Store, place: Place) -> None:
    kill_first = place.dispatch()
    run = queue(store, "wait")
    wait_for(store, run, "running")
    kill_first()
    waiting = store.runs.create(run.config_object(), environment={}, git_commit=None, git_dirty=False)
    place.dispatch()
    assert status(store, run) == "running" and status(store, waiting) == "queued"
    (run.folder / "go").touch()
    wait_for(store, waiting, "running")
    assert status(store, run) == "finished" and len(starts(run)) == 1


def test_a_run_claimed_by_a_dispatcher_that_died_before_starting_it_is_started_by_the_next(
        store: Store, place: Place) -> None:
    run = queue_elsewhere(store, "cpu")
    assert store.runs.claim(["cpu:0"]) is not None
    place.dispatch()
    run = wait_for(store, run, "finished")
    assert run.attempt == 1 and [start["attempt"] for start in starts(run)] == [1]


def test_a_run_that_was_started_by_a_dispatcher_that_died_before_it_said_so_is_not_started_again(
        store: Store, place: Place) -> None:
    kill_first = place.dispatch()
    run = queue(store, "wait")
    wait_for(store, run, "running")
    kill_first()
    started = until(lambda: store.runs.get(run.id).handle)
    store.runs.update(run.id, handle={"launcher": started["launcher"], "job": ""})
    place.dispatch()
    until(lambda: store.runs.get(run.id).handle == started)
    place.kill_trainer(run)
    assert wait_for(store, run, "failed").error == "killed by signal 9" and len(starts(run)) == 1


@pytest.mark.parametrize("handed_over", [True, False])
def test_a_run_that_waits_longer_than_its_launcher_allows_is_given_up(
        store: Store, place: Place, handed_over: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    there = launchers(local={"warm": False})
    (launcher,) = there.values()
    monkeypatch.setattr(type(launcher), "start_seconds", 0.2)
    if not handed_over:
        monkeypatch.setattr(type(launcher), "submit", refuse)
    run = queue_elsewhere(store, "cpu", CLOGGED)
    take_attempt(run.id, 1)  # so that on this machine nothing begins either
    dispatcher = Dispatcher(store, there, ENTRY)
    until(lambda: tick(dispatcher) and status(store, run) == "failed", 20)
    ended = store.runs.get(run.id)
    assert ended.error == "its process did not start within 0 s" and ended.slot is None
    assert bool(ended.handle["job"]) is handed_over


def test_a_run_whose_attempt_somebody_took_is_not_started_again(store: Store, dispatch: Start) -> None:
    run = queue_elsewhere(store, "cpu")
    take_attempt(run.id, run.attempt)
    store.runs.claim(["cpu:0"])
    dispatch()
    later = queue(store, "", device="cpu")
    time.sleep(1)
    assert status(store, run) == "starting" and not starts(run) and status(store, later) == "queued"


def test_two_dispatchers_racing_start_each_run_once(store: Store, dispatch: Start) -> None:
    store.settings.set("cpu_slots", 3)
    runs = [queue_elsewhere(store, "cpu") for _ in range(6)]
    for _ in range(3):
        dispatch(wait=False)
    for run in runs:
        wait_for(store, run, "finished")
    assert [len(starts(run)) for run in runs] == [1] * 6


def test_it_leaves_when_idle_and_a_later_run_is_still_trained(store: Store, dispatch: Start, home: Path) -> None:
    first = dispatch("--cold", "--idle", "0.3")
    assert first.wait(20) == 0
    assert not dispatcher_listens()
    run = queue_elsewhere(store, "cpu")
    dispatch("--cold", "--idle", "0.3", wait=False)
    wait_for(store, run, "finished")


def test_it_stays_while_a_run_is_live(store: Store, dispatch: Start) -> None:
    process = dispatch("--cold", "--idle", "0.3")
    run = queue(store, "wait")
    wait_for(store, run, "running")
    time.sleep(1)
    assert process.poll() is None
    (run.folder / "go").touch()
    assert process.wait(20) == 0


def test_it_leaves_when_its_home_is_deleted(store: Store, dispatch: Start) -> None:
    process = dispatch()
    store.path.unlink()
    assert process.wait(20) == 0


def test_ensuring_a_dispatcher_is_quick_and_starts_one_that_outlives_the_caller(store: Store, home: Path) -> None:
    code = "from engine.launch import ensure_dispatcher; ensure_dispatcher()"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
    until(dispatcher_listens)
    pid = until(lambda: state(home).get("pid"))
    began = time.perf_counter()
    ensure_dispatcher()
    assert time.perf_counter() - began < 0.02
    assert os.getsid(pid) == pid
    assert "torch" not in Path(f"/proc/{pid}/maps").read_text()


def test_a_killed_trainer_is_noticed_within_two_seconds_and_frees_its_slot(store: Store, place: Place) -> None:
    place.dispatch()
    run, following = queue(store, "wait"), queue(store, "wait")
    wait_for(store, run, "running")
    place.kill_trainer(run)
    failed = wait_for(store, run, "failed", seconds=2)
    assert failed.error == "killed by signal 9" and failed.exit_code == -9
    wait_for(store, following, "running")


def test_a_page_finds_a_killed_trainer_without_a_dispatcher(store: Store, place: Place) -> None:
    kill_dispatcher = place.dispatch()
    run = queue(store, "wait")
    wait_for(store, run, "running")
    until(lambda: store.runs.get(run.id).handle["job"])
    kill_dispatcher()
    place.kill_trainer(run)
    marked = until(lambda: reap(store))
    assert [(one.id, one.status) for one in marked] == [(run.id, "failed")]


@pytest.mark.slow
def test_twenty_kills_of_trainer_and_dispatcher_at_random_moments(store: Store, dispatch: Start) -> None:
    """Every run is trained by at most one trainer an attempt, and none is left behind."""
    generator = random.Random(11)
    store.settings.set("cpu_slots", 3)
    dispatcher = dispatch(wait=False)
    runs = []
    for moment in range(20):
        runs.append(queue_elsewhere(store, "cpu", "wait" if moment % 2 else ""))
        time.sleep(generator.uniform(0, 0.4))
        live = [found.pid for run in store.runs.list(LIVE) if (found := read_identity(run.id, run.attempt))]
        if moment % 3 == 0 and live:
            kill(generator.choice(live))
        else:
            dispatcher.send_signal(signal.SIGKILL)
            dispatcher.wait()
            dispatcher = dispatch(wait=False)
    for run in runs:
        run.folder.mkdir(parents=True, exist_ok=True)
        (run.folder / "go").touch()
    until(lambda: all(status(store, run) in ("finished", "failed") for run in runs), 120)
    for run in runs:
        attempts = [start["attempt"] for start in starts(run)]
        assert len(attempts) == len(set(attempts)), f"run {run.id} was started twice as one attempt"
        ended = store.runs.get(run.id)
        assert ended.status == "finished" or "signal 9" in (ended.error or "") or "never" in (ended.error or "")
    until(lambda: all(process_started(start["pid"]) is None for run in runs for start in starts(run)))


def refuse(*_about: object) -> NoReturn:
    raise OSError("no room for another process")


def tick(dispatcher: Dispatcher) -> bool:
    with contextlib.suppress(OSError):
        dispatcher.tick()
    return True
