"""A run's log: the output of its trainers, attempt by attempt."""

from pathlib import Path

from engine.home import run_dir

_TAIL_BYTES = 65_536
_LONGEST = 300
_TRACEBACK = "Traceback (most recent call last):"


def log_file(run_id: int) -> Path:
    return run_dir(run_id) / "log.txt"


def attempt_header(attempt: int) -> str:
    """Return the line that starts an attempt in the run's log."""
    return f"── attempt {attempt} ──"


def log_tail(path: Path, attempt: int) -> str:
    """Return the end of a run's log, only of this attempt."""
    try:
        with path.open("rb") as log:
            log.seek(max(log.seek(0, 2) - _TAIL_BYTES, 0))
            text = log.read().decode(errors="replace")
    except OSError:
        return ""
    return text.rpartition(attempt_header(attempt))[2]


def last_error(log: str) -> str | None:
    """Return the message of the last traceback in a log as one line: ``ValueError: no such model``."""
    _, found, after = log.rpartition(_TRACEBACK)
    if not found:
        return None
    message = next((line for line in after.splitlines() if line and not line[0].isspace()), None)
    return message[:_LONGEST] if message else None
