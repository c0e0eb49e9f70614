"""A trainer's own process: its session, its log, its mark, and the work it was started for."""

import contextlib
import ctypes
import io
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, NoReturn

from engine.launch.launchers.local.bell import wake
from engine.launch.launchers.local.process import MARKER, Identity, run_marker
from engine.launch.launchers.local.runfiles import write_identity
from engine.launch.log import attempt_header, log_file

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


def call(entry: str, run_id: int) -> int:
    """Call ``module:function`` with the run's id; returns the exit code it gives.

    A run does not fail for want of room for its messages: what a full disk cannot take is left out of the log.
    """
    sys.stdout, sys.stderr = (io.TextIOWrapper(_Log(number, "w", closefd=False), errors="backslashreplace",
                                               write_through=True) for number in (1, 2))
    code: int = resolve_name(entry)(run_id)
    return code


def become_trainer(run_id: int, attempt: int, work: Callable[[], int]) -> NoReturn:
    """Be the trainer from here on, in a process forked for it; never returns."""
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
