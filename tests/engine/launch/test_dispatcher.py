"""Queued runs start, once, and their slots come free again, whoever dies."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.config import RunConfig
from engine.home import ROOT
from engine.launch import ensure_dispatcher, reap
from engine.launch.liveness import process_started
from engine.launch.runfiles import read_exit, take_attempt
from engine.launch.wake import dispatcher_listens
from engine.store import LIVE, Run, Store
from tests.engine.launch.conftest import Start, queue, starts, state, status, wait_for
from tests.processes import kill
from tests.waiting import until


def test_a_queued_run_is_trained(store: Store, dispatch: Start) -> None:
    dispatch()
    run = wait_for(store, queue(store), "finished")
    assert run.attempt == 1 and run.slot is None
    assert len(starts(run)) == 1


def test_a_started_run_says_who_trains_it(store: Store, dispatch: Start) -> None:
    dispatch()
    run = queue(store, "wait")
    wait_for(store, run, "running")
    until(lambda: store.runs.get(run.id).pid)
    run = store.runs.get(run.id)
    assert run.pid == starts(run)[0]["pid"] and run.pid_started == process_started(run.pid)
    assert run.slot == "cpu:0" and run.host and run.boot_id
    (run.folder / "go").touch()
    wait_for(store, run, "finished")
    until(lambda: read_exit(run.id, 1))
    exit_file = read_exit(run.id, 1)
    assert exit_file is not None and (exit_file.code, exit_file.signal) == (0, 0)


def test_one_slot_trains_one_run_at_a_time_in_order(store: Store, dispatch: Start) -> None:
    dispatch()
    first, second = queue(store, "wait"), queue(store, "wait")
    wait_for(store, first, "running")
    assert status(store, second) == "queued"
    (first.folder / "go").touch()
    wait_for(store, second, "running")
    assert status(store, first) == "finished"


def test_more_slots_at_once_as_soon_as_the_setting_says(store: Store, dispatch: Start) -> None:
    dispatch()
    runs = [queue(store, "wait") for _ in range(3)]
    wait_for(store, runs[0], "running")
    store.settings.set("cpu_slots", 2)
    wait_for(store, runs[1], "running")
    assert status(store, runs[2]) == "queued"
    assert {store.runs.get(run.id).slot for run in runs[:2]} == {"cpu:0", "cpu:1"}


def test_a_second_dispatcher_is_refused(store: Store, dispatch: Start) -> None:
    dispatch()
    assert dispatch(wait=False).wait(20) == 1


def test_a_run_on_a_device_this_machine_lacks_fails_with_a_reason(store: Store, dispatch: Start) -> None:
    run = queue_elsewhere(store, "cuda:7")
    dispatch()
    assert "no cuda:7" in (wait_for(store, run, "failed").error or "")


def test_trainers_outlive_the_dispatcher_and_are_adopted_by_the_next(store: Store, dispatch: Start) -> None:
    first = dispatch()
    run = queue(store, "wait")
    wait_for(store, run, "running")
    first.kill()
    first.wait()
    waiting = store.runs.create(run.config_object(), environment={}, git_commit=None, git_dirty=False)
    dispatch()
    assert status(store, run) == "running" and status(store, waiting) == "queued"
    (run.folder / "go").touch()
    wait_for(store, waiting, "running")
    assert status(store, run) == "finished" and len(starts(run)) == 1


def test_a_run_claimed_by_a_dispatcher_that_died_before_starting_it_is_started_by_the_next(
        store: Store, dispatch: Start) -> None:
    run = queue_elsewhere(store, "cpu")
    assert store.runs.claim(["cpu:0"]) is not None
    dispatch()
    run = wait_for(store, run, "finished")
    assert run.attempt == 2 and len(starts(run)) == 1


def test_a_run_that_was_never_started_twice_in_a_row_fails(store: Store, dispatch: Start) -> None:
    run = queue_elsewhere(store, "cpu")
    store.events.add(run.id, "failed", "attempt 0 was never started")
    store.runs.claim(["cpu:0"])
    dispatch()
    assert "never started" in (wait_for(store, run, "failed").error or "")


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


def test_a_killed_trainer_is_noticed_within_two_seconds_and_frees_its_slot(store: Store, dispatch: Start) -> None:
    dispatch()
    run, following = queue(store, "wait"), queue(store, "wait")
    wait_for(store, run, "running")
    kill(starts(run)[0]["pid"])
    failed = wait_for(store, run, "failed", seconds=2)
    assert failed.error == "killed by signal 9" and failed.exit_code == -9
    wait_for(store, following, "running")


def test_a_page_finds_a_killed_trainer_without_a_dispatcher(store: Store, dispatch: Start) -> None:
    dispatcher = dispatch()
    run = queue(store, "wait")
    wait_for(store, run, "running")
    dispatcher.kill()
    dispatcher.wait()
    kill(starts(run)[0]["pid"])
    until(lambda: process_started(starts(run)[0]["pid"]) is None)
    assert [(marked.id, marked.status) for marked in reap(store)] == [(run.id, "failed")]


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
        live = [run for run in store.runs.list(LIVE) if run.pid]
        if moment % 3 == 0 and live:
            kill(generator.choice(live).pid or 0)
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


def queue_elsewhere(store: Store, device: str, notes: str = "") -> Run:
    """A queued row that woke nobody, as from another program."""
    return store.runs.create(RunConfig(device=device, notes=notes), environment={}, git_commit=None, git_dirty=False)
