"""The short form of ``make fuzz``, whose cases are the same each time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from engine.home import ROOT


@pytest.mark.slow
def test_whatever_is_read_ends_in_one_line() -> None:
    done = subprocess.run([sys.executable, "-m", "tests.fuzz", "--seed", "1", "--cases", "62"], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
