"""Ending every process that works in a test's home."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import psutil

from tests.waiting import until


def kill_all(home: Path) -> None:
    """SIGKILL whatever works in this home, again until nothing is left."""
    until(lambda: not [kill(pid) for pid in in_home(home)])


def kill(pid: int) -> int:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return pid


def in_home(home: Path) -> list[int]:
    """The processes that work in this home."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if (process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE
                    and process.environ().get("DARKROOM_HOME") == str(home)):
                found.append(process.pid)
    return found
