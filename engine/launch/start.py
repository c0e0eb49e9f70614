"""Starts Darkroom's own processes, each detached from whoever asked for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from engine.home import ROOT, home
from engine.launch.liveness import MARKER
from engine.launch.places import log_path
from engine.launch.wake import wake

_LONGEST_LOG = 1_000_000


def ensure_dispatcher() -> None:
    """Wake the dispatcher, or start it where there is none. Returns at once."""
    if not wake():
        start_module("engine.launch.dispatcher", [], log="dispatcher")


def start_module(module: str, arguments: Sequence[str], *, log: str, environment: Mapping[str, str] | None = None,
                 stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Run ``python -m module`` in a session of its own, its output in the launch folder's ``log``."""
    path = log_path(log)
    if path.exists() and path.stat().st_size > _LONGEST_LOG:
        path.replace(path.with_suffix(".old.log"))
    inherited = {name: value for name, value in os.environ.items() if name != MARKER}
    with path.open("ab") as output:
        return subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT, start_new_session=True,
                                stdin=stdin, stdout=output, stderr=subprocess.STDOUT,
                                env={**inherited, "DARKROOM_HOME": str(home()), **(environment or {})})
