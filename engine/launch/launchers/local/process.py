"""Starting, identifying and killing processes; identities are safe against reused process ids."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from engine.home import ROOT, home, real
from engine.launch.launchers.local.places import log_path

MARKER = "DARKROOM_RUN"
_ON_LINUX = sys.platform.startswith("linux")
_LONGEST_LOG = 1_000_000


@dataclass(frozen=True)
class Identity:
    """A unique process: its pid, its start time by :func:`process_started`, the boot and the machine."""

    pid: int
    started: float
    boot_id: str
    host: str

    @classmethod
    def of(cls, pid: int) -> Identity:
        """Return the identity of a live process.

        Raises:
            ProcessLookupError: there is no such process.
        """
        started = process_started(pid)
        if started is None:
            raise ProcessLookupError(pid)
        return cls(pid, started, boot_id(), socket.gethostname())

    def is_alive(self) -> bool:
        """Return whether this process is running on this machine; zombies are not."""
        return self.boot_id == boot_id() and process_started(self.pid) == self.started

    def is_zombie(self) -> bool:
        """Return whether it has ended but was not reaped by its parent; known on Linux only."""
        with contextlib.suppress(OSError):
            return Path(f"/proc/{self.pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] == "Z"
        return False

    def terminate(self) -> None:
        """Send SIGTERM, which requests a trainer to stop at its next step."""
        if self.is_alive():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signal.SIGTERM)

    def kill_group(self) -> None:
        """Send SIGKILL to it and, if it leads a process group as all but those of a terminal do, to the group."""
        if self.is_alive():
            for send in (os.kill, os.killpg):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    send(self.pid, signal.SIGKILL)


def process_started(pid: int) -> float | None:
    """Return the start time of a process; None if there is none, or it is a zombie.

    On Linux in seconds since boot, which do not depend on the clock; elsewhere in unix seconds.
    """
    if not _ON_LINUX:
        return _started_elsewhere(pid)
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19]) / os.sysconf("SC_CLK_TCK")


@lru_cache(maxsize=1)
def boot_id() -> str:
    """Return an id of the current boot of this machine."""
    if _ON_LINUX:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    import psutil

    return f"{psutil.boot_time():.0f}"


def start_module(module: str, arguments: Sequence[str], *, log: str, environment: Mapping[str, str] | None = None,
                 stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Start ``python -m module`` in a new session, with its output in the launch folder's ``log``."""
    home().mkdir(parents=True, exist_ok=True)
    path = log_path(log)
    if path.exists() and path.stat().st_size > _LONGEST_LOG:
        path.replace(path.with_suffix(".old.log"))
    inherited = {name: value for name, value in os.environ.items() if name != MARKER}
    with path.open("ab") as output:
        return subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT, start_new_session=True,
                                stdin=stdin, stdout=output, stderr=subprocess.STDOUT,
                                env={**inherited, "DARKROOM_HOME": str(home()), **(environment or {})})


def run_marker(run_id: int, attempt: int) -> str:
    """Return the value of ``DARKROOM_RUN`` in the environment of a trainer and its children."""
    return f"{home()}:{run_id}:{attempt}"


def home_of(pid: int) -> Path | None:
    """The home that a trainer works for: as its marker says, or, in the foreground, its environment; None: the system
    does not show it."""
    import psutil

    try:
        # The system shows the environment that a process began with; a test changes its own.
        environment = dict(os.environ) if pid == os.getpid() else psutil.Process(pid).environ()
    except (psutil.Error, OSError):
        return None
    if not environment:  # of a process that starts or ends at this moment
        return None
    marker = environment.get(MARKER, "").strip()
    named = marker.rsplit(":", 2)[0] if marker.count(":") >= 2 else environment.get("DARKROOM_HOME") or ROOT
    return real(named)


def kill_marked(marker: str) -> list[int]:
    """Send SIGKILL to every process with a run's marker; return their pids."""
    found = list(_marked(marker))
    for pid in found:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    return found


def _marked(marker: str) -> Iterator[int]:
    import psutil

    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARKER) == marker and process.pid != os.getpid():
                yield process.pid


def _started_elsewhere(pid: int) -> float | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None
