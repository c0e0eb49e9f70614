"""A run belongs to its home: copied, moved, deleted or replaced under a living trainer."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.home import ROOT
from engine.launch.reaping import reap
from engine.launch.requests import request_stop
from engine.store import Run, Store, opening
from engine.training.checkpoints import Checkpoints
from tests.processes import kill_all
from tests.waiting import until

pytestmark = pytest.mark.slow
LONG = ("--dataset", "Digits", "--model", "tinyvgg_a", "--epochs", "5000", "--name", "long", "--device", "cpu")


@pytest.fixture
def trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    """A run in training for the home ``tmp_path/first``, as the command trains it, past its first epoch."""
    first = tmp_path / "first"
    first.mkdir()
    monkeypatch.setenv("DARKROOM_HOME", str(first))
    process = subprocess.Popen([sys.executable, "-m", "engine", "train", *LONG], cwd=ROOT, text=True,
                               stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    until(lambda: (first / "runs.db").exists() and any(run.epoch >= 1 for run in Store.open().runs.list()), seconds=120)
    yield process
    process.kill()
    process.wait()
    for home in tmp_path.iterdir():
        kill_all(home)


def the_run(home: Path) -> Run:
    os.environ["DARKROOM_HOME"] = str(home)
    opening._READY.clear()
    (run,) = Store.open().runs.list()
    return run


def test_a_moved_home_stops_its_run_with_a_checkpoint(trainer: subprocess.Popen[str], tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.rename(second)
    assert trainer.wait(60) == 130 and not first.exists()
    run = the_run(second)
    assert run.status == "stopped" and f"moved from {first} to {second}" in str(run.error)
    last = Checkpoints(run.folder / "checkpoints").path("last")
    assert last is not None and last.is_relative_to(second)


def test_a_deleted_home_does_not_come_back(trainer: subprocess.Popen[str], tmp_path: Path) -> None:
    gone = tmp_path / "first"
    gone.rename(tmp_path / "bin")
    shutil.rmtree(tmp_path / "bin")
    out = trainer.communicate(timeout=60)[1]
    assert trainer.returncode and "was deleted" in out and "Traceback" not in out
    assert not gone.exists()


def test_a_replaced_database_stops_the_run(trainer: subprocess.Popen[str], tmp_path: Path) -> None:
    first = tmp_path / "first"
    monkey = tmp_path / "other"
    monkey.mkdir()
    os.environ["DARKROOM_HOME"] = str(monkey)
    opening._READY.clear()
    Store.open().connections.close()
    for name in ("runs.db-wal", "runs.db-shm"):
        (first / name).unlink(missing_ok=True)
    (monkey / "runs.db").replace(first / "runs.db")
    out = trainer.communicate(timeout=60)[1]
    assert "replaced by one without this run" in out and "Traceback" not in out
    assert Checkpoints(first / "artifacts/runs/000001/checkpoints").path("last")


def test_a_copied_home_leaves_the_originals_run_alone(trainer: subprocess.Popen[str], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "first", copy)
    run = the_run(copy)
    request_stop(Store.open(), run)
    reap(Store.open())
    assert "live elsewhere" in str(the_run(copy).error) and the_run(copy).status == "lost"
    assert trainer.poll() is None
    assert the_run(tmp_path / "first").status == "running"


def test_a_resume_without_its_checkpoint_is_refused(home: Path) -> None:
    command = [sys.executable, "-m", "engine"]
    subprocess.run([*command, "train", *LONG, "--epochs", "2"], cwd=ROOT, check=True, capture_output=True)
    shutil.rmtree(home / "artifacts/runs/000001/checkpoints")
    done = subprocess.run([*command, "resume", "1", "--epochs", "3"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "checkpoint of run long is missing, after 2 epochs" in done.stderr
    (run,) = Store.open().runs.list()
    assert run.status == "finished" and run.epoch == 2
