"""Files of a trainer and its supervisor in the run's folder: identity and exit code."""

import json
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.files import read_json, write_atomically
from engine.home import run_dir
from engine.launch.launcher import Ended
from engine.launch.launchers.local.process import Identity

_RESERVED = 4096


@dataclass(frozen=True)
class Exit:
    """The exit ``code`` of a trainer, or the ``signal`` that killed it (else 0).

    ``oom_kill``: the kernel's out-of-memory killer was active on this machine meanwhile. ``peak``: peak memory in
    bytes, 0 if unknown. ``said``: why it ended, if the trainer could not record it in its row.
    """

    attempt: int
    code: int
    signal: int
    oom_kill: bool
    ended_at: float
    peak: int = 0
    said: str = ""

    def ended(self) -> Ended:
        """Convert to the launcher interface's :class:`Ended`."""
        return Ended(-self.signal or self.code, self.said or (self._killed() if self.signal else ""),
                     self.signal == signal.SIGKILL and self.oom_kill, self.peak)

    def _killed(self) -> str:
        if self.signal == signal.SIGKILL:
            return "killed by signal 9" + (", perhaps by the kernel's out-of-memory killer" if self.oom_kill else "")
        try:
            name = signal.Signals(self.signal).name
        except ValueError:
            return f"killed by signal {self.signal}"
        return f"killed by signal {self.signal} ({name})"


def take_attempt(run_id: int, attempt: int) -> bool:
    """Claim the right to start (or to give up) an attempt: True for the first caller, False for all later ones.

    The space of ``exit.json`` is taken now, so that a full disk does not hide how the attempt ends.
    """
    folder = run_dir(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        os.close(os.open(folder / f"started-{attempt}", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
    except FileExistsError:
        return False
    _write_exit(run_id, b"")
    return True


def write_identity(run_id: int, attempt: int, identity: Identity) -> None:
    content = json.dumps({"attempt": attempt, **asdict(identity)})
    write_atomically(run_dir(run_id) / "pid.json", content.encode(), durable=False)


def read_identity(run_id: int, attempt: int) -> Identity | None:
    """Return the identity of the attempt's trainer, if it has written it."""
    found = _read(run_dir(run_id) / "pid.json", attempt)
    return Identity(found["pid"], found["started"], found["boot_id"], found["host"]) if found else None


def write_exit(run_id: int, attempt: int, code: int, killed_by: int, oom_kill: bool, peak: int = 0,
               said: str = "") -> None:
    """Write how an attempt ended; what its trainer said before is kept."""
    before = read_exit(run_id, attempt)
    said = said or (before.said if before else "")
    content = asdict(Exit(attempt, code, killed_by, oom_kill, time.time(), peak, said))
    if not said:
        del content["said"]  # dispatchers that were started before an update do not know it
    _write_exit(run_id, json.dumps(content).encode())


def _write_exit(run_id: int, content: bytes) -> None:
    """Write in place, where space is reserved; readers take a half-written file for none."""
    path = run_dir(run_id) / "exit.json"
    if path.parent.parent.is_dir():  # a home that was deleted meanwhile is not to come back with nothing else in it
        path.parent.mkdir(exist_ok=True)  # but a run whose folder was deleted has ended, too
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.pwrite(descriptor, content.ljust(_RESERVED), 0)
        finally:
            os.close(descriptor)


def read_exit(run_id: int, attempt: int) -> Exit | None:
    found = _read(run_dir(run_id) / "exit.json", attempt)
    return Exit(**found) if found else None


def _read(path: Path, attempt: int) -> dict[str, Any] | None:
    try:
        content = read_json(path)
    except (OSError, ValueError):
        return None
    return content if content.get("attempt") == attempt else None
