"""The client of a job's process: starts it and receives its answer."""

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
from engine.files import read_json
from engine.launch.launchers.local import trainer
from engine.launch.launchers.local.process import Identity, start_module
from engine.launch.launchers.local.wakeup import dispatcher_listens
from engine.launch.launchers.local.warm_client import open_warm, warm_listens, warm_state

_ANSWER_SECONDS = 5.0
_WARMING_SECONDS = 30.0
_POLL_SECONDS = 0.05
_COLD_START_SECONDS = 60.0


class Worker:
    """A job's process: its pid, the connection to it, and its handle if it is a child of this process."""

    def __init__(self, connection: socket.socket, lines: BufferedReader, pid: int,
                 child: subprocess.Popen[bytes] | None = None) -> None:
        self.connection, self.lines, self.pid, self.child = connection, lines, pid, child
        self._ended = False

    def answer(self, seconds: float) -> dict[str, Any] | None:
        """Return its answer; None if it ended without one, or after ``seconds``."""
        self.connection.settimeout(max(seconds, 0.01))
        try:
            line = self.lines.readline()
        except OSError:
            return None
        self._ended = True
        return dict(json.loads(line)) if line.endswith(b"\n") else None

    def death(self) -> str:
        """Describe how it ended without an answer; the signal is known for children of this process."""
        number = -min(self.child.wait(), 0) if self.child is not None and self._ended else 0
        return "its process was killed" + (f" by signal {number}" if number else "")

    def end(self) -> None:
        """Kill it unless it has ended; its pid cannot be reused while the connection is open."""
        if not self._ended:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signal.SIGKILL)
        self.leave()
        if self.child is not None:
            self.child.wait()

    def leave(self) -> None:
        """Close the connection; the process continues."""
        self.lines.close()
        self.connection.close()


def start_worker(message: dict[str, Any]) -> Worker:
    """Start a process for a job, forked from the warm process if possible, and wait for its greeting.

    Args:
        message: ``name``, ``entry`` (``module:function``), ``request``, ``seconds``, and ``left`` if nobody waits for
            the answer.
    """
    message = {"do": "job", **message}
    connection = open_warm(message)
    if connection is not None:
        worker = _receive_greeting(connection, _ANSWER_SECONDS)
        if worker is not None:
            return worker
    return _start_cold(message)


def starts_at_once() -> bool:
    """Return whether waiting would not help: the warm process is ready, or there will be none."""
    return warm_listens() or (warm_state() == "off" and dispatcher_listens())


def await_warm() -> None:
    """Wait while the warm process is importing: a cold start would import the same modules, and take longer."""
    deadline = time.monotonic() + _WARMING_SECONDS
    while warm_state() == "warming" and dispatcher_listens() and not warm_listens() and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def read_live_record(path: Path) -> dict[str, Any] | None:
    """Return the record of a running job; if its process is dead, remove the record and return None."""
    try:
        record = read_json(path)
        if Identity(**record["identity"]).is_alive():
            return record
        path.unlink(missing_ok=True)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _start_cold(message: dict[str, Any]) -> Worker:
    ours, theirs = socket.socketpair()
    with theirs:
        child = start_module("engine.launch.launchers.local.worker", [], log="jobs", environment=trainer.environment(),
                             stdin=theirs.fileno())
    ours.sendall(json.dumps(message).encode() + b"\n")
    worker = _receive_greeting(ours, _COLD_START_SECONDS)
    if worker is None:
        child.kill()
        raise UserError(f"{message['name']}: its process did not start; see artifacts/launch/jobs.log")
    worker.child = child
    return worker


def _receive_greeting(connection: socket.socket, seconds: float) -> Worker | None:
    """Receive the greeting with the pid, and return the worker; None if there is none."""
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
