"""The end of a run's log."""

from __future__ import annotations

from pathlib import Path

_BYTES = 16_384


def log_tail(path: Path, lines: int = 200) -> str:
    """The last lines of a text file; empty when there is none. A progress bar's overwritten states are left out."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(line.rpartition("\r")[2] for line in text.rstrip("\n").split("\n")[-lines:])
