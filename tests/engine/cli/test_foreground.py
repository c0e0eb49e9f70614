"""A grid in the foreground: each run in a process of its own, which measures its own memory and sees its own device."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.home import ROOT
from engine.launch.launchers.local.runfiles import read_identity
from engine.store import Run, Store
from tests.engine.cli.command import TINY, engine_process, process_document
from tests.waiting import until

ENDLESS = ("train", *TINY, "--epochs", "100000", "--seed", "1,2")


@contextmanager
def training(*words: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a process group of its own, as a terminal would start it."""
    process = subprocess.Popen([sys.executable, "-m", "engine", *words], cwd=ROOT, stderr=subprocess.PIPE, text=True,
                               start_new_session=True)
    try:
        yield process
    finally:
        process.kill()


def under_way(home: Path, number: int = 1) -> Run:
    """The newest run, once so many have begun and it has done a step."""
    until(lambda: (home / "runs.db").exists() and len(Store.open().runs.list()) == number
          and Store.open().runs.list()[0].step > 0)
    return Store.open().runs.list()[0]


@pytest.mark.slow
def test_a_grid_is_one_document_and_a_small_run_after_a_large_one_measures_its_own_memory(home: Path) -> None:
    words = ("train", "--device", "cpu", "--dataset", "Digits", "--epochs", "1")
    large, small = process_document(*words, "--image-size", "64,32", "--batch-size", "512")
    assert [(run["config"]["image_size"], run["status"]) for run in (large, small)] == [
        (64, "finished"), (32, "finished")]
    alone = process_document(*words, "--image-size", "32", "--batch-size", "512")
    # The second to train so finds measured already how it computes fastest.
    assert small["peak_memory"] == pytest.approx(alone["peak_memory"], rel=0.2)
    assert large["peak_memory"] > 1.3 * small["peak_memory"]


def test_each_run_is_given_the_gpu_that_it_names(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run sees all GPUs of the machine when it is given one, and none but that one afterwards."""
    program = home / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'GPU 0: one (UUID: GPU-aa)'\necho 'GPU 1: other (UUID: GPU-bb)'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    done = engine_process("train", "--dataset", "Digits", "--epochs", "1", "--device", "cuda:0,cuda:1")
    runs = Store.open().runs.list()
    assert [run.config["device"] for run in runs] == ["cuda:1", "cuda:0"], done.stderr


def test_ctrl_c_in_a_terminal_reaches_all_and_stops_the_run_at_its_next_step(home: Path) -> None:
    with training(*ENDLESS) as process:
        under_way(home)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in errors and "resume 1" in errors
    assert [run.status for run in Store.open().runs.list()] == ["stopped"]


def test_a_run_that_is_killed_fails_and_the_grid_goes_on(home: Path) -> None:
    with training(*ENDLESS) as process:
        first = under_way(home)
        identity = read_identity(first.id, first.attempt)
        assert identity is not None
        os.kill(identity.pid, signal.SIGKILL)
        under_way(home, 2)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in errors
    assert [run.status for run in Store.open().runs.list()] == ["stopped", "failed"]


def test_what_a_run_lacks_ends_the_grid_with_one_line(home: Path) -> None:
    done = engine_process("train", *TINY, "--weights", "file", "--weights-path", str(home / "none.pth"), "--seed",
                          "1,2")
    assert done.returncode == 2 and done.stderr.splitlines()[-1].startswith("error: weights_path:")
    assert Store.open().runs.list() == []


def test_a_grid_goes_on_after_a_run_that_diverges(home: Path) -> None:
    done = engine_process("train", *TINY, "--epochs", "1", "--lr", "90,0.01")
    assert done.returncode == 1 and "try lr below 90" in done.stderr and "Traceback" not in done.stderr
    assert [run.status for run in Store.open().runs.list()] == ["finished", "failed"]
