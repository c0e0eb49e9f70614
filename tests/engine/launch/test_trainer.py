"""A trainer's messages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.home import ROOT

_CALL = "import sys; from engine.launch.trainer import call; sys.exit(call('tests.engine.launch.standin:chat', 3))"


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
