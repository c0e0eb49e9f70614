"""Jobs: answered by a process of their own, forked or cold, and never in a training run's way."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from engine.errors import UserError
from engine.launch.jobs import JOBS, job_folder, run_job, running_jobs, start_job
from engine.launch.launchers.local.process import process_started
from engine.launch.launchers.local.warm_client import warm_listens
from engine.launch.places import jobs_dir
from engine.store import Store
from tests.engine.launch.conftest import Start
from tests.engine.launch.launchers.local.test_warm import LIGHT, warm_process
from tests.fake_runs import add_run
from tests.waiting import until

TASKS = ("double", "who", "refuse", "stumble", "die", "wait")


@pytest.fixture(autouse=True)
def tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TASKS:
        monkeypatch.setitem(JOBS, name, f"tests.engine.launch.tasks:{name}")


@pytest.fixture(params=["warm", "cold"])
def way(request: pytest.FixtureRequest, store: Store, dispatch: Start) -> str:
    """With a warm process, and with nobody there."""
    if request.param == "warm":
        dispatch(*LIGHT)
        until(warm_listens)
    return str(request.param)


def test_a_job_answers_what_it_was_asked(way: str) -> None:
    assert run_job("double", {"number": 21, "text": "ä\n✓"}) == {"doubled": 42, "text": "ä\n✓"}
    long = "x" * 2_000_000
    assert run_job("double", {"number": 1, "text": long})["text"] == long


def test_a_job_works_niced_in_a_single_threaded_session_of_its_own(way: str, home: Path) -> None:
    found = run_job("who", {})
    assert found["pid"] != os.getpid() and found["session"] == found["pid"] and found["threads"] == 1
    assert found["nice"] == min(os.nice(0) + 5, 19) and found["oom"] == "1000"
    assert not found["autogroup"] or found["autogroup"].rstrip().endswith("nice 5")
    assert found["parent"] == (warm_process(home) if way == "warm" else os.getpid())
    until(lambda: process_started(found["pid"]) is None)


def test_an_error_is_one_line_and_a_defect_names_the_log_that_has_its_traceback(way: str, home: Path) -> None:
    with pytest.raises(UserError, match=r"^picture\.gif: is no picture$"):
        run_job("refuse", {})
    log = home / "artifacts" / "errors.log"
    with pytest.raises(UserError, match=r"^stumble: something went wrong .*\(ValueError: the sky fell\)") as told:
        run_job("stumble", {})
    assert f"the traceback is in {log} under" in str(told.value) and "Traceback" in log.read_text()


def test_a_killed_job_is_told(way: str) -> None:
    with pytest.raises(UserError, match="^die: its process was killed" + (" by signal 9$" if way == "cold" else "$")):
        run_job("die", {})


def test_a_job_that_takes_too_long_is_ended(way: str, home: Path) -> None:
    with pytest.raises(UserError, match="wait: took longer than 1 s"):
        run_job("wait", {"folder": str(home)}, seconds=1)
    pid = worker(home)
    until(lambda: process_started(pid) is None, 5)


def test_a_started_job_is_left_alone_and_seen_until_it_ends(way: str, store: Store, home: Path) -> None:
    run = add_run(store)
    start_job("wait", {"folder": str(home)}, run=run.id)
    (job,) = running_jobs("wait", run.id)
    assert (job.name, job.run) == ("wait", run.id)
    pid = worker(home)
    until(lambda: os.getpriority(os.PRIO_PROCESS, pid) == min(os.nice(0) + 10, 19))
    assert not running_jobs("wait", run.id + 1) and not running_jobs("double")
    (home / "go").touch()
    until(lambda: not running_jobs("wait"))
    assert not [event for event in store.events.of(run.id) if event.kind == "job"]


def test_why_a_started_job_failed_is_among_its_runs_events(way: str, store: Store, home: Path) -> None:
    run = add_run(store)
    (home / "go").touch()
    start_job("wait", {"folder": str(home), "refuse": True}, run=run.id)
    until(lambda: [event.message for event in store.events.of(run.id) if event.kind == "job"]
          == ["no checkpoint to look at"])


def test_a_killed_job_is_not_seen_any_more(store: Store, home: Path) -> None:
    start_job("wait", {"folder": str(home)})
    assert running_jobs("wait")
    os.kill(worker(home), 9)
    until(lambda: not running_jobs("wait"))
    assert not list(jobs_dir().glob("wait-*"))


def test_the_warm_process_serves_others_meanwhile(store: Store, dispatch: Start, home: Path) -> None:
    dispatch(*LIGHT)
    until(warm_listens)
    waiting = threading.Thread(target=run_job, args=("wait", {"folder": str(home)}))
    waiting.start()
    until(lambda: (home / "pid").exists())
    began = time.monotonic()
    assert run_job("double", {"number": 2})["doubled"] == 4
    assert time.monotonic() - began < 5
    assert len(list(Path(f"/proc/{warm_process(home)}/task").iterdir())) == 1
    (home / "go").touch()
    waiting.join(20)
    assert not waiting.is_alive()


def test_a_jobs_folder_goes_with_it_and_what_others_left_goes_later(home: Path) -> None:
    abandoned = jobs_dir() / "files-abandoned"
    abandoned.mkdir()
    os.utime(abandoned, (0, 0))
    with job_folder() as folder:
        (folder / "picture.png").write_bytes(b"x")
        assert folder.parent == jobs_dir() and not abandoned.exists()
    assert not folder.exists()


def worker(home: Path) -> int:
    """The process that works on ``wait``, as it says itself."""
    return int(until(lambda: (home / "pid").exists() and (home / "pid").read_text()))
