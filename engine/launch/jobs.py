"""Short computations that need torch, asked for by processes that have none: each in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

from engine.errors import UserError
from engine.home import artifacts_dir
from engine.launch import trainer
from engine.launch.liveness import Identity
from engine.launch.start import start_module
from engine.launch.state import warm_state
from engine.launch.wake import dispatcher_listens
from engine.launch.warm_client import open_warm, warm_listens
from engine.plugins.files import named_files

JOBS: dict[str, str] = {
    "describe": "engine.costs.answers:described_here",
    "memory": "engine.costs.memory_answers:predicted_here",
    "try": "engine.runner.jobs:try_picture",
    "export": "engine.export.model_file:export_request",
    "evaluate": "engine.evaluation.evaluate:evaluate_request",
    "preview": "engine.runner.jobs:preview",
    "plugins": "engine.plugins.kept:list_request",
}
"""What can be asked: ``module:function`` by name, called with the request, a dict, and returning one, both JSON."""

_ANSWER_SECONDS = 5.0
_WARMING_SECONDS = 30.0
_LOOK_EVERY = 0.05
_COLD_START_SECONDS = 60.0
_LONGEST_START = 12 * 3600.0
_STALE_SECONDS = 24 * 3600.0

Answer = dict[str, Any]


class RunningJob(NamedTuple):
    """A job started by :func:`start_job`; ``run`` is the run it works for, ``started`` in unix seconds."""

    name: str
    run: int | None
    pid: int
    started: float


def run_job(name: str, request: dict[str, Any], *, seconds: float = 120) -> Answer:
    """The answer of a row of :data:`JOBS`, computed in a niced process of its own that ends with it.

    The process is forked by the warm one where that listens (tens of milliseconds), else started cold (seconds). It is
    ended when nobody waits for it any more.

    Raises:
        UserError: one line: what the job said, that it took longer than ``seconds``, or how it died.
    """
    _await_warm()
    asked = _asked(name, {"request": request, "seconds": seconds})
    began = time.monotonic()
    try:
        return _result(name, asked, seconds, began)
    finally:
        asked.end()


def start_job(name: str, request: dict[str, Any], *, run: int | None = None,
              seconds: float = _LONGEST_START) -> None:
    """Start a row of :data:`JOBS` and return at once; nobody waits for its answer.

    Args:
        run: the run it works for, whose events tell why it failed, if it did.
        seconds: it is ended after that long.
    """
    _asked(name, {"request": request, "seconds": seconds, "left": {"run": run}}).leave()


def running_jobs(name: str, run: int | None = None) -> list[RunningJob]:
    """The jobs of that name that :func:`start_job` started and that still work, for that run if one is given."""
    found = [job for path in sorted(jobs_dir().glob(f"{name}-*.json")) if (job := _living(path)) is not None]
    return [job for job in found if run is None or job.run == run]


@contextlib.contextmanager
def job_folder() -> Iterator[Path]:
    """A folder for what is too large for a request or an answer, such as pictures; gone with the ``with``."""
    _sweep()
    folder = Path(tempfile.mkdtemp(dir=jobs_dir(), prefix="files-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def jobs_dir() -> Path:
    """Where jobs keep their files; readable by its owner only."""
    folder = artifacts_dir() / "jobs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


class _Asked:
    """A job's process: its number, its end of the line, and, where it is a child of this one, that child."""

    def __init__(self, connection: socket.socket, lines: BufferedReader, pid: int,
                 child: subprocess.Popen[bytes] | None = None) -> None:
        self.connection, self.lines, self.pid, self.child = connection, lines, pid, child
        self._ended = False

    def answer(self, seconds: float) -> Answer | None:
        """The line it ends with, or None when it ended without one, or did not within ``seconds``."""
        self.connection.settimeout(max(seconds, 0.01))
        try:
            line = self.lines.readline()
        except OSError:
            return None
        self._ended = True
        return dict(json.loads(line)) if line.endswith(b"\n") else None

    def signal(self) -> int:
        """The signal that a child of this process died of, else 0."""
        return -min(self.child.wait(), 0) if self.child is not None and self._ended else 0

    def end(self) -> None:
        """Kill it unless it has ended by itself: its number is its own as long as its line is open."""
        if not self._ended:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signal.SIGKILL)
        self.leave()
        if self.child is not None:
            self.child.wait()

    def leave(self) -> None:
        self.lines.close()
        self.connection.close()


def _asked(name: str, message: dict[str, Any]) -> _Asked:
    """A process that works on it, and has said so; ``left`` is in the message when nobody will wait for it."""
    message = {"do": "job", "name": name, "entry": JOBS[name], "plugins": named_files(), **message}
    connection = open_warm(message)
    if connection is not None:
        asked = _greeted(connection, _ANSWER_SECONDS)
        if asked is not None:
            return asked
    return _cold(name, message)


def _await_warm() -> None:
    """While the warm process is importing, let it: starting cold would import the same beside it, and finish later."""
    deadline = time.monotonic() + _WARMING_SECONDS
    while warm_state() == "warming" and dispatcher_listens() and not warm_listens() and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY)


def _cold(name: str, message: dict[str, Any]) -> _Asked:
    ours, theirs = socket.socketpair()
    with theirs:
        child = start_module("engine.launch.working", [], log="jobs", environment=trainer.environment(),
                             stdin=theirs.fileno())
    ours.sendall(json.dumps(message).encode() + b"\n")
    asked = _greeted(ours, _COLD_START_SECONDS)
    if asked is None:
        child.kill()
        raise UserError(f"{name}: its process did not start; artifacts/launch/jobs.log tells why")
    asked.child = child
    return asked


def _greeted(connection: socket.socket, seconds: float) -> _Asked | None:
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
    return _Asked(connection, lines, int(greeting["pid"]))


def _result(name: str, asked: _Asked, seconds: float, began: float) -> Answer:
    answer = asked.answer(seconds)
    if answer is not None and "result" in answer:
        return dict(answer["result"])
    if answer is not None:
        raise UserError(str(answer["error"]))
    if time.monotonic() - began >= seconds:
        raise UserError(f"{name}: took longer than {seconds:.0f} s")
    number = asked.signal()
    raise UserError(f"{name}: its process was killed" + (f" by signal {number}" if number else ""))


def _living(path: Path) -> RunningJob | None:
    """The job that a record tells of; a dead one's record goes."""
    try:
        record = json.loads(path.read_text())
        if Identity(**record["identity"]).is_alive():
            return RunningJob(record["name"], record["run"], record["identity"]["pid"], record["started"])
        path.unlink(missing_ok=True)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _sweep() -> None:
    """Remove the files of those who died before they could."""
    for folder in jobs_dir().glob("files-*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
