"""A command in a process forked from this one, which has everything imported, and what it did."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from engine.cli.main import main
from engine.confined import client
from engine.errors import UserError
from engine.launch.jobs import JOBS

SECONDS, MEMORY, LONGEST = 10.0, 1.5 * 2**30, 500
CODES = (0, 1, 2, 130)
_NEVER_SAID = ("Traceback", "went wrong inside", "Exception ignored")
_WARM = ("torch", "timm", "engine.training.setup", "engine.evaluation.evaluate", "engine.runner.main",
         "engine.runner.jobs",
         "engine.cli.train", "engine.cli.control", "engine.cli.study", "engine.cli.study_results", "engine.cli.data",
         "engine.cli.models",
         "engine.cli.doctor", "engine.cli.evaluate", "engine.cli.export", "engine.cli.home", "engine.cli.runs",
         "engine.imports.importer", "engine.analysis.doctor", "engine.data.audits.audit", "engine.data.audits.boxes",
         "engine.export.model_file", "engine.models.importing", "engine.analysis.lint", "sqlite_utils")


@dataclass(frozen=True)
class Outcome:
    """What a command did: its exit code (negative: the signal that ended it), its output, seconds (on a machine
    without other work), bytes of memory that it took at most, and how a look at the home afterwards ended."""

    code: int
    out: str
    err: str
    seconds: float
    memory: int
    after: str

    def faults(self) -> list[str]:
        """What must not be, in words; the code 70 is a fault."""
        lines = self.err.splitlines()
        return [said for said, wrong in (
            (f"exit {self.code}", self.code not in CODES),
            (f"{self.seconds:.1f} s", self.seconds > SECONDS),
            (f"{self.memory >> 20:,} MiB", self.memory > MEMORY),
            (f"a line of {max(map(len, lines), default=0)} characters",
             any(len(line) > LONGEST for line in lines if line.startswith("error: "))),
            *((f"said {word}", word in self.err) for word in _NEVER_SAID),
            ("no reason", self.code == 2 and not self.err.strip()),
            (f"afterwards: {self.after}", bool(self.after))) if wrong]


def warm_up() -> None:
    """Import what commands need, and start the process that confined ones are forked from."""
    for name in _WARM:
        import_module(name)
    with client._connect():
        pass


def attempt(words: Sequence[str], folder: Path, environment: dict[str, str], *,
            call: Callable[[Sequence[str]], int] = main, after: Callable[[], str] = str) -> Outcome:
    """Call ``call`` as the command line does, in a process of its own that is killed when it takes too long.

    Args:
        folder: where its output goes.
        after: called in that process at the end; returns what is wrong with the home, in words.
    """
    said = {name: folder / f"said.{name}" for name in ("out", "err", "after")}
    began, slow = time.monotonic(), slowness()
    before = _now(os.getpid())
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        _become(words, said, environment, call, after)
    memory = _watch(pid, began + SECONDS * slow, before)
    _, status, used = os.wait4(pid, 0)
    with contextlib.suppress(OSError):  # what it started and left
        os.killpg(pid, signal.SIGKILL)
    return Outcome(os.waitstatus_to_exitcode(status), _text(said["out"]), _text(said["err"]),
                   (time.monotonic() - began) / slow,
                   max(memory, used.ru_maxrss * 1024 - before), _text(said["after"]))


def slowness() -> float:
    """How many times longer than alone this process takes now: the machine may have other work."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def _become(words: Sequence[str], said: dict[str, Path], environment: dict[str, str],
            call: Callable[[Sequence[str]], int], after: Callable[[], str]) -> None:
    code = 99
    try:
        os.setsid()
        os.environ |= environment
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(said[name], os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", errors="backslashreplace", closefd=False)  # noqa: SIM115
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        client._servers[0].owner = os.getpid()
        _alone()
        code = call(words)
        sys.stdout.flush()
        said["after"].write_text(after())
    except SystemExit as error:  # as of argparse
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _alone() -> None:
    """Start no dispatcher, and do jobs in this process rather than in one that it starts: defects are seen as such.

    Costs, which take seconds a config, are left out.
    """
    def run_job(name: str, request: dict[str, Any], *, seconds: float = 0) -> Any:
        if name in ("describe", "memory"):
            raise UserError(f"{name}: left out")
        return resolve_name(JOBS[name])(request)

    for module in [each for name, each in sys.modules.items() if name.startswith("engine.")]:
        for name, stand_in in (("run_job", run_job), ("ensure_dispatcher", lambda: None)):
            if hasattr(module, name):
                setattr(module, name, stand_in)


def _watch(pid: int, deadline: float, before: int) -> int:
    """Wait for a process; returns how much memory it, or a confined process, took more than when it was forked."""
    server = client._servers[0].process.pid
    base, most = _now(server), 0
    handle = os.pidfd_open(pid)
    try:
        while os.waitid(os.P_PIDFD, handle, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            most = max(most, _peak(pid) - before, *(_peak(each) - base for each in _below(server)))
            if time.monotonic() > deadline:
                _kill(pid, *_below(server))
            time.sleep(0.02)
    finally:
        os.close(handle)
    _kill(*_below(server))
    return most


def _kill(*pids: int) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def _below(pid: int) -> list[int]:
    """The processes below one, of those that are younger: looking at all takes too long to do it often."""
    parents = {}
    for other in [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) > pid]:  # noqa: PTH208
        with contextlib.suppress(OSError):
            parents[other] = int(Path(f"/proc/{other}/stat").read_text().rpartition(")")[2].split()[1])
    found = {pid}
    for other in sorted(parents):
        if parents[other] in found:
            found.add(other)
    return sorted(found - {pid})


def _peak(pid: int) -> int:
    return _status(pid, "VmHWM")


def _now(pid: int) -> int:
    return _status(pid, "VmRSS")


def _status(pid: int, name: str) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


def _text(path: Path) -> str:
    return path.read_bytes().decode(errors="replace") if path.exists() else ""
