"""Trainers forked from the warm process: as good as cold ones, only sooner."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from engine.config import RunConfig
from engine.costs import describe, describe_blocking
from engine.costs.answers import cost_key, cost_request
from engine.launch import request_stop
from engine.launch.launchers.local.places import socket_path
from engine.launch.launchers.local.process import MARKER, process_started, run_marker
from engine.launch.launchers.local.warm_client import ask_warm, warm_listens, warm_state
from engine.launch.log import log_file
from engine.store import Store
from tests.engine.launch.conftest import Start, queue, starts, wait_for
from tests.processes import kill
from tests.waiting import until

LIGHT = ("--preload", "")


@pytest.fixture
def warm_pid(store: Store, dispatch: Start) -> int:
    """A warm process without torch."""
    dispatch(*LIGHT)
    until(warm_listens)
    until(lambda: warm_state() == "ready")
    return warm_process(store.path.parent)


def test_a_run_is_forked_in_a_session_of_its_own(store: Store, warm_pid: int) -> None:
    run = queue(store, "wait")
    began = time.monotonic()
    wait_for(store, run, "running")
    assert time.monotonic() - began < 2
    pid = starts(run)[0]["pid"]
    assert os.getsid(pid) == pid and starts(run)[0]["threads"] == 1
    assert Path(f"/proc/{pid}/exe").readlink() == Path(f"/proc/{warm_pid}/exe").readlink()
    files = {link.name: str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    assert [files[number] for number in "012"] == ["/dev/null", str(log_file(run.id)), str(log_file(run.id))]
    assert not [file for file in files.values() if "socket" in file]


def test_a_forked_trainer_shows_its_marker(store: Store, warm_pid: int) -> None:
    run = queue(store, "wait")
    wait_for(store, run, "running")
    marked = f"{MARKER}={run_marker(run.id, 1)}".encode()
    assert marked in Path(f"/proc/{starts(run)[0]['pid']}/environ").read_bytes().split(b"\0")
    assert marked not in Path(f"/proc/{warm_pid}/environ").read_bytes().split(b"\0")


def test_what_a_killed_forked_trainer_started_dies_too(store: Store, warm_pid: int) -> None:
    run = queue(store, "wait child")
    child = int(until(lambda: (run.folder / "child").exists() and (run.folder / "child").read_text()))
    kill(starts(run)[0]["pid"])
    assert wait_for(store, run, "failed", 2).error == "killed by signal 9"
    until(lambda: process_started(child) is None, 5)


def test_forked_trainers_outlive_the_warm_process_and_a_new_one_comes(store: Store, warm_pid: int) -> None:
    run = queue(store, "wait")
    wait_for(store, run, "running")
    kill(warm_pid)
    until(lambda: warm_process(store.path.parent) not in (0, warm_pid))
    request_stop(store, run)
    wait_for(store, run, "stopped")


def test_an_error_in_a_forked_trainer_is_told(store: Store, warm_pid: int) -> None:
    assert wait_for(store, queue(store, "raise"), "failed").error == "ValueError: the sky fell"


def test_a_next_dispatcher_finds_the_warm_process(store: Store, dispatch: Start, home: Path) -> None:
    first = dispatch(*LIGHT)
    until(warm_listens)
    pid = warm_process(home)
    first.kill()
    first.wait()
    dispatch(*LIGHT)
    run = wait_for(store, queue(store), "finished")
    assert len(starts(run)) == 1 and warm_process(home) == pid


def test_it_leaves_with_its_dispatcher(store: Store, dispatch: Start, home: Path) -> None:
    dispatcher = dispatch(*LIGHT)
    until(warm_listens)
    pid = warm_process(home)
    dispatcher.terminate()
    dispatcher.wait(20)
    until(lambda: process_started(pid) is None)


def test_a_warm_process_that_cannot_start_leaves_runs_to_start_cold(store: Store, dispatch: Start) -> None:
    dispatch("--preload", "no_such_module")
    run = wait_for(store, queue(store), "finished")
    assert len(starts(run)) == 1


def test_a_deep_home_still_has_sockets(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("d" * 90) / ("e" * 90)
    monkeypatch.setenv("DARKROOM_HOME", str(deep))
    path = socket_path("warm")
    assert len(os.fsencode(path)) <= 100 and not path.is_relative_to(deep)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.parent.rmdir()


def test_code_that_changed_is_not_trained_by_what_was_imported_before(store: Store, warm_pid: int,
                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.home import ROOT

    module = ROOT / "engine/launch/launchers/local/trainer.py"
    now = module.stat()
    os.utime(module, ns=(now.st_atime_ns, now.st_mtime_ns + 1))
    try:
        run = wait_for(store, queue(store), "finished")
    finally:
        os.utime(module, ns=(now.st_atime_ns, now.st_mtime_ns))
    assert len(starts(run)) == 1
    until(lambda: process_started(warm_pid) is None)


@pytest.mark.slow
def test_the_real_one_is_single_threaded_and_describes_models(store: Store, dispatch: Start, home: Path) -> None:
    from engine.launch.launchers.local.warm import PRELOAD

    dispatch("--preload", ",".join(PRELOAD))
    until(warm_listens, 120)
    pid = warm_process(home)
    assert "libtorch_cpu" in Path(f"/proc/{pid}/maps").read_text()
    config = RunConfig(model="resnet18")
    cost = until(lambda: describe(config), 60)
    assert cost["parameters"] > 11_000_000 and cost["macs"] > 0
    assert store.costs.get(cost_key(cost_request(config))) == cost
    wait_for(store, queue(store), "finished")
    assert describe_blocking(RunConfig())["parameters"] > 0
    assert "error" in describe_blocking(RunConfig(image_size=8))
    assert len(list(Path(f"/proc/{pid}/task").iterdir())) == 1
    assert "/dev/nvidia" not in Path(f"/proc/{pid}/maps").read_text()


@pytest.mark.slow
def test_a_model_is_described_without_a_warm_process(store: Store) -> None:
    began = time.monotonic()
    cost = describe_blocking(RunConfig())
    assert cost["parameters"] > 0
    again = time.monotonic()
    assert describe_blocking(RunConfig()) == cost and describe(RunConfig()) == cost
    assert time.monotonic() - again < (again - began) / 10


def test_nobody_answers_where_there_is_none(store: Store) -> None:
    assert ask_warm({"do": "leave"}, 1) is None and not warm_listens()


def warm_process(home: Path) -> int:
    """The number of the home's warm process, 0 without one."""
    import psutil

    for process in psutil.process_iter():
        try:
            environment = process.environ()
            if ("engine.launch.launchers.local.warm" in process.cmdline()
                    and environment.get("DARKROOM_HOME") == str(home) and environment.get(MARKER, "").strip() == ""):
                return process.pid
        except psutil.Error:
            continue
    return 0
