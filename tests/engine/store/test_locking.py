"""One holder at a time, and none after its death."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from engine.store.faults import BusyError, StoreError
from engine.store.locking import locked
from tests.waiting import until


def test_a_second_holder_waits_and_then_gives_up(tmp_path: Path) -> None:
    with locked(tmp_path / "lock"), pytest.raises(BusyError, match="for 0 s"), locked(tmp_path / "lock", 0.05):
        pass
    with locked(tmp_path / "lock", 0.05):
        pass


def test_a_killed_holder_holds_no_longer(tmp_path: Path) -> None:
    child = os.fork()
    if not child:
        with locked(tmp_path / "lock"):
            (tmp_path / "held").touch()
            time.sleep(600)
    until(lambda: (tmp_path / "held").exists())
    with pytest.raises(BusyError), locked(tmp_path / "lock", 0.05):
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with locked(tmp_path / "lock", 0.05):
        pass


def test_a_lock_in_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="Not a directory"), locked(tmp_path / "file" / "lock"):
        pass
