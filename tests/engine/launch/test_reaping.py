"""Live rows without a live process are told apart, and marked with the reason."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from engine.config import RunConfig
from engine.launch import reap
from engine.launch.launcher import Ended
from engine.launch.launchers.local.launcher import Local
from engine.launch.launchers.local.process import Identity, process_started
from engine.launch.launchers.local.runfiles import read_exit, write_exit, write_identity
from engine.launch.log import attempt_header, log_file
from engine.launch.reaping import cause_of_death
from engine.store import Run, Store
from tests.engine.launch.conftest import Place, Start, queue, starts, status, wait_for
from tests.waiting import until


@pytest.fixture
def dead() -> Identity:
    child = subprocess.Popen(["sleep", "600"])
    identity = Identity.of(child.pid)
    child.kill()
    child.wait()
    return identity


def live_run(store: Store, identity: Identity | None = None, **columns: Any) -> Run:
    run = store.runs.create(RunConfig(), status="running", environment={}, git_commit=None, git_dirty=False)
    if identity:
        write_identity(run.id, run.attempt, identity)
    store.runs.update(run.id, handle=dataclasses.asdict(Local().handle(run)), **columns)
    return store.runs.get(run.id)


def test_a_silent_run_whose_process_lives_is_left_alone(store: Store) -> None:
    run = live_run(store, Identity.of(os.getpid()), heartbeat_at=time.time() - 86_400)
    assert reap(store) == [] and status(store, run) == "running"


def test_a_run_whose_folder_was_deleted_is_not_running_for_ever(store: Store, dead: Identity) -> None:
    told, silent, beating = (live_run(store, dead, heartbeat_at=time.time() - ago) for ago in (1, 11, 1))
    for run in (told, silent, beating):
        shutil.rmtree(run.folder)
    write_exit(told.id, told.attempt, 0, 9, False)  # as its supervisor does
    assert {run.id: run.status for run in reap(store)} == {told.id: "failed", silent.id: "lost"}
    assert status(store, beating) == "running"
    assert f"{silent.folder} was deleted" in str(store.runs.get(silent.id).error)


def test_a_dead_process_is_a_failed_run(store: Store, dead: Identity) -> None:
    run = live_run(store, dead, slot="cpu:0")
    [marked] = reap(store)
    assert (marked.id, marked.status, marked.slot) == (run.id, "failed", None)
    assert marked.error == "its process is gone and left no exit code" and marked.ended_at
    assert reap(store) == []


def test_the_supervisor_s_exit_file_tells_the_signal(store: Store, dead: Identity) -> None:
    run = live_run(store, dead)
    write_exit(run.id, run.attempt, 0, 6, False)
    [marked] = reap(store)
    assert marked.error == "killed by signal 6 (SIGABRT)" and marked.exit_code == -6


def test_the_exit_file_of_another_attempt_tells_nothing(store: Store, dead: Identity) -> None:
    run = live_run(store, dead)
    write_exit(run.id, run.attempt + 1, 0, 6, False)
    assert reap(store)[0].error == "its process is gone and left no exit code"


def test_a_trainer_that_died_before_its_row_knew_it_is_found_by_its_files(store: Store, dead: Identity) -> None:
    run = live_run(store)
    assert reap(store) == []
    write_identity(run.id, run.attempt, dead)
    assert reap(store)[0].id == run.id


def test_a_restart_of_the_machine_loses_a_run(store: Store) -> None:
    live_run(store, dataclasses.replace(Identity.of(os.getpid()), boot_id="before"))
    [marked] = reap(store)
    assert (marked.status, marked.error) == ("lost", "the machine was restarted while it ran")


def test_a_run_of_another_machine_is_lost_only_after_long_silence(store: Store, dead: Identity,
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = dataclasses.replace(dead, host="elsewhere")
    run = live_run(store, elsewhere, heartbeat_at=time.time() - 60)
    assert reap(store) == []
    monkeypatch.setattr("engine.launch.reaping._SILENT_SECONDS", 30)
    monkeypatch.setattr("time.time", lambda now=time.time: now() + 60)
    [marked] = reap(store)
    assert (marked.id, marked.status, marked.error) == (run.id, "lost", "no sign of life from elsewhere any more")


def test_a_run_whose_launcher_is_not_there_is_lost_only_after_long_silence(
        store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = live_run(store)
    store.runs.update(run.id, handle={"launcher": "batch", "job": "4711"})
    assert reap(store) == []
    monkeypatch.setattr("engine.launch.reaping._SILENT_SECONDS", -1)
    [marked] = reap(store)
    assert (marked.status, marked.error) == ("lost", "no sign of life from batch any more")


def test_a_run_that_was_not_handed_over_is_left_to_the_dispatcher(store: Store) -> None:
    run = live_run(store)
    for handle in ({}, {"launcher": "local", "job": ""}):
        store.runs.update(run.id, handle=handle)
        assert reap(store) == []


def test_a_trainer_that_finishes_at_that_moment_wins(store: Store, dead: Identity,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    run = live_run(store, dead)

    def finish(*_: object) -> str:
        store.runs.transition(run.id, "finished", expected=("running",))
        return "a cause"

    monkeypatch.setattr("engine.launch.reaping.cause_of_death", finish)
    assert reap(store) == [] and status(store, run) == "finished"
    assert store.runs.get(run.id).error is None


@pytest.mark.parametrize(("notes", "sentence"), [
    ("raise", "ValueError: the sky fell"),
    ("memory", "out of GPU memory at batch 64: try 32"),
    ("early", "exited with code 7 before the run was over"),
])
def test_the_row_says_why(store: Store, place: Place, notes: str, sentence: str) -> None:
    place.dispatch()
    assert wait_for(store, queue(store, notes), "failed").error == sentence


def test_what_a_dead_trainer_started_dies_too(store: Store, dispatch: Start) -> None:
    """Even in a session of its own: the marker in its environment tells whose it is."""
    dispatch()
    run = queue(store, "wait child")
    child = int(until(lambda: (run.folder / "child").exists() and (run.folder / "child").read_text()))
    os.kill(starts(run)[0]["pid"], 9)
    wait_for(store, run, "failed")
    until(lambda: process_started(child) is None, 5)


@pytest.mark.parametrize(("oom_kill", "fits"), [(True, False), (False, True)])
def test_a_run_that_the_kernel_killed_for_want_of_memory_does_not_fit(
    store: Store, dead: Identity, oom_kill: bool, fits: bool,
) -> None:
    run = live_run(store, dead)
    write_exit(run.id, 1, 0, 9, oom_kill, 5 << 30)
    [ended] = reap(store)
    assert ended.does_not_fit is not fits
    assert ended.memory_reached == (None if fits else 5 << 30)
    assert ended.error is not None and ("out-of-memory killer" in ended.error) is not fits


def test_a_trainers_peak_memory_is_known_from_its_end(store: Store, dispatch: Start) -> None:
    dispatch()
    run = queue(store, "raise")
    wait_for(store, run, "failed")
    ended = read_exit(run.id, 1)
    assert ended is not None and 5 << 20 < ended.peak < 2 << 30


TRACEBACK = 'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n    f()\n'


@pytest.fixture
def run(home: Path) -> Run:
    config = RunConfig(batch_size=256)
    return Store.open().runs.create(config, environment={}, git_commit=None, git_dirty=False)


def test_what_the_launcher_says_counts(run: Run) -> None:
    write_log(run, f"{attempt_header(1)}\n{TRACEBACK}ValueError: no such model\n")
    assert cause_of_death(run, Ended(-9, "killed by signal 9")) == "killed by signal 9"


def test_without_a_log(run: Run) -> None:
    assert cause_of_death(run, Ended(3)) == "exited with code 3 before the run was over"


@pytest.mark.parametrize(("error", "sentence"), [
    ("ValueError: no such model", "ValueError: no such model"),
    ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate", "out of GPU memory at batch 256: try 128"),
    ("RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory", "out of memory at batch 256: try 128"),
    ("MemoryError", "out of memory at batch 256: try 128"),
])
def test_from_the_log(run: Run, error: str, sentence: str) -> None:
    write_log(run, f"{attempt_header(1)}\nhello\n{TRACEBACK}{error}\n  a hint\ngoodbye\n")
    assert cause_of_death(run, Ended(1)) == sentence


def test_a_batch_of_one_cannot_be_made_smaller(run: Run) -> None:
    write_log(run, f"{attempt_header(1)}\n{TRACEBACK}MemoryError\n")
    smallest = dataclasses.replace(run, config={**run.config, "batch_size": 1})
    assert cause_of_death(smallest, Ended(1)) == "out of memory at batch 1"


def test_the_last_error_of_several_counts_and_of_this_attempt_only(run: Run) -> None:
    write_log(run, f"{attempt_header(1)}\n{TRACEBACK}KeyError: 1\n\nDuring handling:\n\n{TRACEBACK}OSError: 2\n")
    assert cause_of_death(run, Ended(1)) == "OSError: 2"
    with log_file(run.id).open("a") as log:
        log.write(f"{attempt_header(2)}\n")
    assert cause_of_death(dataclasses.replace(run, attempt=2), Ended(1)) == \
        "exited with code 1 before the run was over"


def test_a_log_of_megabytes_is_read_from_its_end(run: Run) -> None:
    write_log(run, f"{attempt_header(1)}\n" + "x" * 3_000_000 + f"\n{TRACEBACK}ValueError: at last\n")
    assert cause_of_death(run, Ended(1)) == "ValueError: at last"


def write_log(run: Run, text: str) -> None:
    run.folder.mkdir(parents=True, exist_ok=True)
    log_file(run.id).write_text(text)
