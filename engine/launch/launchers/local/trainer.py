"""Setting up a trainer's process: session, log, marker, and its work."""

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

from engine.crash_log import UNEXPECTED
from engine.launch.launchers.local.process import MARKER, Identity, run_marker
from engine.launch.launchers.local.runfiles import write_identity
from engine.launch.launchers.local.wakeup import wake
from engine.launch.log import attempt_header, log_file

# Read when the libraries load: libgomp's idle threads sleep; NumPy and Arrow start no threads, which a fork would lose.
ENVIRONMENT = {"OMP_WAIT_POLICY": "PASSIVE", "OPENBLAS_NUM_THREADS": "1",
               "JE_ARROW_MALLOC_CONF": "background_thread:false"}


class _Log(io.FileIO):
    """A file that ignores write errors."""

    def write(self, data: Any) -> int:
        with contextlib.suppress(OSError):
            super().write(data)
        return memoryview(data).nbytes


def environment() -> dict[str, str]:
    """Return the environment that a trainer needs at its start; the user's own settings take precedence."""
    return {name: os.environ.get(name, value) for name, value in ENVIRONMENT.items()}


def call(entry: str, run_id: int) -> int:
    """Call ``module:function`` with the run's id and return its exit code.

    A full disk truncates the log, but does not fail the run.
    """
    sys.stdout, sys.stderr = (io.TextIOWrapper(_Log(number, "w", closefd=False), errors="backslashreplace",
                                               write_through=True) for number in (1, 2))
    code: int = resolve_name(entry)(run_id)
    return code


def become_trainer(run_id: int, attempt: int, work: Callable[[], int]) -> NoReturn:
    """Turn a forked process into the trainer; never return."""
    code = UNEXPECTED
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
    """Redirect output to a file, because a pipe would break when its reader exits."""
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(source, target)
    os.close(written)
    os.close(nothing)


def _mark(marker: str) -> None:
    """Write the run's marker into the process's initial environment block, where other processes can read it.

    A fork keeps its parent's block, so its placeholder is overwritten; changing ``os.environ`` is not visible outside.
    """
    if MARKER in os.environ and len(os.fsencode(os.environ[MARKER])) >= len(os.fsencode(marker)):
        libc = ctypes.CDLL(None)
        libc.getenv.restype = ctypes.c_void_p
        ctypes.memmove(libc.getenv(MARKER.encode()), os.fsencode(marker) + b"\0", len(os.fsencode(marker)) + 1)
    os.environ[MARKER] = marker
