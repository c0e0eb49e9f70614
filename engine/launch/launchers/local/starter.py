"""Starting trainers: forked from the warm process if there is one, else cold."""

import subprocess
import sys
import time
from collections.abc import Mapping

from engine.home import home
from engine.launch.launchers.local import trainer
from engine.launch.launchers.local.process import MARKER, start_module
from engine.launch.launchers.local.warm_client import ask_warm, open_warm, warm_listens
from engine.store import Run

# Forking with torch is unsafe on macOS, and Windows has no fork.
_FORKS = sys.platform.startswith("linux")
_WARMING_SECONDS = 60.0
_ANSWER_SECONDS = 5.0
_MOST_FAILURES = 3


class Starter:
    """Keeps the warm process and starts trainers, without blocking."""

    def __init__(self, preload: str | None, *, warm: bool) -> None:
        self._preload = [] if preload is None else ["--preload", preload]
        self._wanted = warm and _FORKS
        self._failures = 0
        self._warm: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self._cold: list[subprocess.Popen[bytes]] = []

    @property
    def state(self) -> str:
        """The state of the warm process: ``ready``, ``warming``, or ``off`` if trainers start cold."""
        if self._wanted and warm_listens():
            return "ready"
        return "warming" if self._is_warming() else "off"

    def keep(self) -> None:
        """Start the warm process if needed, and drop children that ended."""
        self._cold = [child for child in self._cold if child.poll() is None]
        if not self._wanted or warm_listens() or self._is_warming():
            return
        if self._warm is not None and self._warm.poll() not in (None, 0):
            self._failures += 1
        if self._failures >= _MOST_FAILURES:
            self._wanted = False
            return
        if self._warm is None or self._warm.poll() is not None:
            self._warm_up()

    def start(self, run: Run, entry: str, environment: Mapping[str, str]) -> None:
        """Start a claimed run's trainer; whoever takes the attempt first starts it, once."""
        request = {"do": "train", "run": run.id, "attempt": run.attempt, "entry": entry,
                   "environment": dict(environment)}
        answer = ask_warm(request, _ANSWER_SECONDS) if self._wanted else None
        if answer is None or answer["left"]:
            arguments = [str(run.id), str(run.attempt), entry]
            self._cold.append(start_module("engine.launch.launchers.local.supervisor", arguments, log="supervise",
                                           environment={**trainer.environment(), **environment}))

    def leave(self) -> None:
        """Tell the warm process to exit."""
        if connection := open_warm({"do": "leave"}):
            connection.close()

    def _is_warming(self) -> bool:
        return (self._warm is not None and self._warm.poll() is None
                and time.monotonic() - self._began < _WARMING_SECONDS)

    def _warm_up(self) -> None:
        # Reserve space for the longest marker, which a forked trainer overwrites.
        room = " " * (len(str(home()).encode()) + 48)
        self._began = time.monotonic()
        self._warm = start_module("engine.launch.launchers.local.warm", self._preload, log="warm",
                                  environment={**trainer.environment(), MARKER: room})
