"""A trainer and its supervisor: two processes, so that somebody is there to write down how the trainer ended."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.launch.capacity import cgroup_oom_kills
from engine.launch.cause import attempt_header
from engine.launch.liveness import MARKER, Identity, run_marker
from engine.launch.runfiles import log_file, take_attempt, write_exit, write_identity
from engine.launch.wake import wake

ENTRY = "engine.runner.main:train_run"
# Read once, when the libraries load: libgomp's idle threads sleep; NumPy and Arrow start none, which a fork would lose.
ENVIRONMENT = {"OMP_WAIT_POLICY": "PASSIVE", "OPENBLAS_NUM_THREADS": "1",
               "JE_ARROW_MALLOC_CONF": "background_thread:false"}


class _Log(io.FileIO):
    """A file that takes what it can."""

    def write(self, data: Any) -> int:
        with contextlib.suppress(OSError):
            super().write(data)
        return memoryview(data).nbytes


def environment() -> dict[str, str]:
    """What a trainer needs in its environment from its first instruction; the user's own settings win."""
    return {name: os.environ.get(name, value) for name, value in ENVIRONMENT.items()}


def supervise(run_id: int, attempt: int, work: Callable[[], int]) -> None:
    """Fork a trainer that does ``work`` in a session of its own; return when it has ended and ``exit.json`` says how.

    Returns at once when the attempt was started, or given up, before.
    """
    if not take_attempt(run_id, attempt):
        return
    kills_before = _oom_kills()
    pid = os.fork()
    if pid == 0:
        _become_trainer(run_id, attempt, work)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _, status, used = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    write_exit(run_id, attempt, max(code, 0), max(-code, 0), _oom_kills() > kills_before, peak)
    wake()


def call(entry: str, run_id: int) -> int:
    """Call ``module:function`` with the run's id; returns the exit code it gives.

    A run does not fail for want of room for its messages: what a full disk cannot take is left out of the log.
    """
    import importlib

    sys.stdout, sys.stderr = (io.TextIOWrapper(_Log(number, "w", closefd=False), errors="backslashreplace",
                                               write_through=True) for number in (1, 2))
    module, _, function = entry.partition(":")
    code: int = getattr(importlib.import_module(module), function)(run_id)
    return code


def _become_trainer(run_id: int, attempt: int, work: Callable[[], int]) -> None:
    """In the forked child; never returns."""
    code = 1
    try:
        os.setsid()
        _redirect(log_file(run_id))
        print(attempt_header(attempt), flush=True)
        _mark(run_marker(run_id, attempt))
        write_identity(run_id, attempt, Identity.of(os.getpid()))
        wake()
        code = work()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _redirect(log: Path) -> None:
    """Output goes to a file: a pipe would end with whoever reads it."""
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(source, target)
    os.close(written)
    os.close(nothing)


def _mark(marker: str) -> None:
    """Carry the run's marker where the system shows it: in the block of environment the process was executed with.

    A fork keeps its parent's block, so the placeholder in it is overwritten; ``os.environ`` alone would not show.
    """
    if MARKER in os.environ and len(os.fsencode(os.environ[MARKER])) >= len(os.fsencode(marker)):
        libc = ctypes.CDLL(None)
        libc.getenv.restype = ctypes.c_void_p
        ctypes.memmove(libc.getenv(MARKER.encode()), os.fsencode(marker) + b"\0", len(os.fsencode(marker)) + 1)
    os.environ[MARKER] = marker


def _oom_kills() -> int:
    """How often the kernel killed for want of memory, on this machine and in this control group; 0 where it does not
    tell."""
    with contextlib.suppress(OSError):
        words = Path("/proc/vmstat").read_text().split()
        if "oom_kill" in words:
            return int(words[words.index("oom_kill") + 1]) + cgroup_oom_kills()
    return cgroup_oom_kills()
