"""Ending every process that works in a test's home."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from tests.waiting import until


def kill_all(home: Path) -> None:
    """SIGKILL whatever works in this home, again until nothing is left."""
    until(lambda: not [kill(pid) for pid in in_home(home)])


def kill(pid: int) -> int:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return pid


def in_home(home: Path) -> list[int]:
    """The processes that work in this home. Read from ``/proc`` itself, as every test with a home looks for them."""
    place, found = f"DARKROOM_HOME={home}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended, or is another user's; a zombie has no environment
            if place in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return [pid for pid in found if pid != os.getpid()]
