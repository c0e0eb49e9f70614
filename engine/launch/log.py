"""A run's log: the output of its trainers, attempt by attempt."""

import os
import re
import threading
from pathlib import Path

from engine.home import run_dir

_TAIL_BYTES = 65_536
_LONGEST = 300
_LARGEST = 8 << 20
_KEPT_AT_EACH_END = 1 << 20
_LEFT_OUT = re.compile("── ([\\d,]+) bytes are left out here: a log is kept below [^\\n]+ ──\n".encode())
_SECONDS_BETWEEN_LOOKS, _SECONDS_WHILE_IT_GROWS = 0.5, 0.05
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


def keep_short(path: Path) -> None:
    """Keep a log that is being written from filling the disk, until this process ends."""
    def look() -> None:
        while True:
            pause.wait(_SECONDS_WHILE_IT_GROWS if shorten(path) else _SECONDS_BETWEEN_LOOKS)

    pause = threading.Event()
    threading.Thread(target=look, name="log", daemon=True).start()


def shorten(path: Path) -> bool:
    """Leave out the middle of a log beyond 8 MB, and say so there; whoever writes goes on at its end.

    Returns:
        Whether it was so long.
    """
    try:
        with path.open("r+b") as log:
            size = os.fstat(log.fileno()).st_size
            if size <= _LARGEST:
                return False
            head, tail = os.pread(log.fileno(), _KEPT_AT_EACH_END, 0), os.pread(
                log.fileno(), _KEPT_AT_EACH_END, size - _KEPT_AT_EACH_END)
            earlier = _LEFT_OUT.search(os.pread(log.fileno(), 2 * _KEPT_AT_EACH_END, 0))
            head = head[:earlier.start() if earlier else head.rfind(b"\n") + 1]
            tail = tail[tail.find(b"\n") + 1:]
            before = int(earlier[1].replace(b",", b"")) - len(earlier[0]) if earlier else 0
            left_out = before + size - len(head) - len(tail)
            said = f"── {left_out:,} bytes are left out here: a log is kept below {_LARGEST >> 20} MB ──\n".encode()
            os.pwrite(log.fileno(), head + said + tail, 0)
            os.ftruncate(log.fileno(), len(head + said + tail))
            return True
    except OSError:
        return False  # a disk or a home that cannot be written is noticed by others
