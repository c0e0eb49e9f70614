"""Trouble with recording, told once when it begins and once when it is over."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable


class Trouble:
    """Tells on stderr, which is a run's log; ``remember`` is called with what to keep once it is over."""

    def __init__(self, remember: Callable[[str], None]) -> None:
        self._remember = remember
        self._told: str | None = None
        self._since = 0.0

    def is_now(self, trouble: str | None) -> None:
        """Tell what changed since the last call, if anything did.

        Raises:
            Exception: what ``remember`` raised; the next call tries again.
        """
        if trouble is not None and self._told is None:
            self._told, self._since = trouble, time.monotonic()
            _say(trouble)
        elif trouble is None and self._told is not None:
            over = f"recorded again after {time.monotonic() - self._since:.0f} s: {self._told}"
            self._remember(over)
            self._told = None
            _say(over)


def _say(line: str) -> None:
    """A log on the disk that is full cannot take it."""
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)
