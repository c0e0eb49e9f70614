"""What every test shares: a home of its own, and threads that do not fight."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh ``DARKROOM_HOME``, also for the processes a test starts."""
    monkeypatch.setenv("DARKROOM_HOME", str(tmp_path))
    return tmp_path
