"""Asks for a job: a process that works on one request, and the line on which it answers."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from io import BufferedReader
from pathlib import Path
from typing import Any

from engine.errors import UserError
from engine.launch.launchers.local import trainer
from engine.launch.launchers.local.bell import dispatcher_listens
from engine.launch.launchers.local.process import Identity, start_module
from engine.launch.launchers.local.warm_client import open_warm, warm_listens, warm_state

_ANSWER_SECONDS = 5.0
_WARMING_SECONDS = 30.0
_LOOK_EVERY = 0.05
_COLD_START_SECONDS = 60.0


class Worker:
    """A job's process: its number, its end of the line, and, where it is a child of this one, that child."""

    def __init__(self, connection: socket.socket, lines: BufferedReader, pid: int,
                 child: subprocess.Popen[bytes] | None = None) -> None:
        self.connection, self.lines, self.pid, self.child = connection, lines, pid, child
        self._ended = False

    def answer(self, seconds: float) -> dict[str, Any] | None:
        """The line it ends with, or None when it ended without one, or did not within ``seconds``."""
        self.connection.settimeout(max(seconds, 0.01))
        try:
            line = self.lines.readline()
        except OSError:
            return None
        self._ended = True
        return dict(json.loads(line)) if line.endswith(b"\n") else None

    def death(self) -> str:
        """How it ended without an answer, as far as can be known: that of a child of this process tells its signal."""
        number = -min(self.child.wait(), 0) if self.child is not None and self._ended else 0
        return "its process was killed" + (f" by signal {number}" if number else "")

    def end(self) -> None:
        """Kill it unless it has ended by itself: its number is its own as long as its line is open."""
        if not self._ended:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signal.SIGKILL)
        self.leave()
        if self.child is not None:
            self.child.wait()

    def leave(self) -> None:
        """Hang up; it goes on working."""
        self.lines.close()
        self.connection.close()


def worker_of(message: dict[str, Any]) -> Worker:
    """A process that works on it, and has said so: forked by the warm one where that listens, else started cold.

    Args:
        message: ``name``, ``entry`` (``module:function``), ``request``, ``seconds``, and ``left`` when nobody will
            wait for the answer.
    """
    message = {"do": "job", **message}
    connection = open_warm(message)
    if connection is not None:
        worker = _greeted(connection, _ANSWER_SECONDS)
        if worker is not None:
            return worker
    return _cold(message)


def starts_at_once() -> bool:
    """Whether nothing better is to be waited for: the warm process listens, or there will be none."""
    return warm_listens() or (warm_state() == "off" and dispatcher_listens())


def await_warm() -> None:
    """While the warm process is importing, let it: starting cold would import the same beside it, and finish later."""
    deadline = time.monotonic() + _WARMING_SECONDS
    while warm_state() == "warming" and dispatcher_listens() and not warm_listens() and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY)


def living(path: Path) -> dict[str, Any] | None:
    """What the record of a worker that nobody waits for says; None when that is dead, and then the record goes."""
    try:
        record: dict[str, Any] = json.loads(path.read_text())
        if Identity(**record["identity"]).is_alive():
            return record
        path.unlink(missing_ok=True)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _cold(message: dict[str, Any]) -> Worker:
    ours, theirs = socket.socketpair()
    with theirs:
        child = start_module("engine.launch.launchers.local.worker", [], log="jobs", environment=trainer.environment(),
                             stdin=theirs.fileno())
    ours.sendall(json.dumps(message).encode() + b"\n")
    worker = _greeted(ours, _COLD_START_SECONDS)
    if worker is None:
        child.kill()
        raise UserError(f"{message['name']}: its process did not start; artifacts/launch/jobs.log tells why")
    worker.child = child
    return worker


def _greeted(connection: socket.socket, seconds: float) -> Worker | None:
    """The job's process after its first line, which is its number; None when there was none."""
    connection.settimeout(seconds)
    lines = connection.makefile("rb")
    try:
        greeting = json.loads(lines.readline() or b"{}")
    except (OSError, ValueError):
        greeting = {}
    if "pid" not in greeting:
        lines.close()
        connection.close()
        return None
    return Worker(connection, lines, int(greeting["pid"]))
