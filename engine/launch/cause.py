"""Why a trainer died, in one sentence."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from engine.launch.runfiles import Exit, log_file
from engine.store import Run

_TAIL_BYTES = 65_536
_LONGEST = 300
_MEMORY = re.compile(r"OutOfMemoryError|CUDA out of memory|CUDA error: out of memory|CUBLAS_STATUS_ALLOC_FAILED|"
                     r"MPS backend out of memory|can't allocate memory|MemoryError|Cannot allocate memory|"
                     r"std::bad_alloc")
_GPU_MEMORY = re.compile(r"(torch|cuda)\.OutOfMemoryError|CUDA out of memory|CUDA error: out of memory|"
                         r"CUBLAS_STATUS_ALLOC_FAILED|MPS backend out of memory")
_TRACEBACK = "Traceback (most recent call last):"


def attempt_header(attempt: int) -> str:
    """The line that begins an attempt in the run's log."""
    return f"── attempt {attempt} ──"


def cause_of_death(run: Run, ended: Exit | None) -> str:
    """One sentence on why a run's trainer is gone although the run was not over."""
    if ended is None:
        return "its process is gone and left no exit code"
    if ended.signal:
        return _killed(ended)
    tail = log_tail(log_file(run.id), run.attempt)
    error = last_error(tail)
    if error is None:
        return f"exited with code {ended.code} before the run was over"
    return memory_sentence(run, error) if tells_of_memory(error) else error


def died_of_memory(run: Run, ended: Exit | None) -> bool:
    """Whether memory ran out: the run does not fit, which is a result."""
    if ended is None:
        return False
    if ended.signal:
        return ended.signal == signal.SIGKILL and ended.oom_kill
    return tells_of_memory(last_error(log_tail(log_file(run.id), run.attempt)) or "")


def tells_of_memory(error: str) -> bool:
    """Whether an error's type and message are those of memory that ran out, on any device."""
    return bool(_MEMORY.search(error))


def memory_sentence(run: Run, error: str) -> str:
    """What to say of a run that ran out of memory with this error, and the way out."""
    batch = int(run.config["batch_size"])
    where = "GPU memory" if _GPU_MEMORY.search(error) else "memory"
    return f"out of {where} at batch {batch}" + (f": try {batch // 2}" if batch > 1 else "")


def log_tail(path: Path, attempt: int) -> str:
    """The end of a run's log, no more than this attempt's part of it."""
    try:
        with path.open("rb") as log:
            log.seek(max(log.seek(0, 2) - _TAIL_BYTES, 0))
            text = log.read().decode(errors="replace")
    except OSError:
        return ""
    return text.rpartition(attempt_header(attempt))[2]


def last_error(log: str) -> str | None:
    """The message of the last traceback in a log, on one line: ``ValueError: no such model``."""
    _, found, after = log.rpartition(_TRACEBACK)
    if not found:
        return None
    message = next((line for line in after.splitlines() if line and not line[0].isspace()), None)
    return message[:_LONGEST] if message else None


def _killed(ended: Exit) -> str:
    if ended.signal == signal.SIGKILL:
        return "killed by signal 9" + (", perhaps by the kernel's out-of-memory killer" if ended.oom_kill else "")
    try:
        name = signal.Signals(ended.signal).name
    except ValueError:
        return f"killed by signal {ended.signal}"
    return f"killed by signal {ended.signal} ({name})"
