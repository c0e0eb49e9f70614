"""A trainer's messages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.home import ROOT
from engine.launch.launchers.local.runfiles import read_exit
from engine.launch.log import log_file

_CALL = ("import sys; from engine.launch.launchers.local.trainer import call; "
         "sys.exit(call('tests.engine.launch.standin:chat', 3))")


def chat(log: Path) -> int:
    with log.open("wb") as output:
        return subprocess.run([sys.executable, "-c", _CALL], cwd=ROOT, stdout=output, stderr=output, check=False
                              ).returncode


def test_messages_are_written_as_they_come(tmp_path: Path) -> None:
    assert chat(tmp_path / "log.txt") == 3
    assert (tmp_path / "log.txt").read_text() == "to stdout ✓\nto stderr ✓\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_for_the_log_fails_no_run() -> None:
    assert chat(Path("/dev/full")) == 3


@pytest.mark.parametrize("module", ["engine.launch.launchers.local.supervisor", "engine.launch.supervise"])
def test_a_supervisor_is_started_by_its_name_also_by_a_dispatcher_from_before(module: str, home: Path) -> None:
    arguments = ["3", "1", "tests.engine.launch.standin:chat"]
    started = subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT, capture_output=True, check=True)
    ended = read_exit(3, 1)
    assert ended is not None and ended.code == 3
    assert log_file(3).read_text().endswith("to stdout ✓\nto stderr ✓\n") and not started.stderr
