"""How much memory and time reading a user's files may take."""

import contextlib
import os
import resource
from pathlib import Path

from engine.errors import ConfigError

MEMORY = "DARKROOM_READ_GB"
"""The environment variable with the memory in GB; by default it is half of this machine's."""

_SECONDS = 60.0
_BYTES_A_SECOND = 1 << 20
_KILL_FIRST = "1000"


def memory_bytes() -> int:
    """Return how much memory reading may take.

    Raises:
        ConfigError: the environment variable is no positive number.
    """
    text = os.environ.get(MEMORY, "")
    if not text:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    with contextlib.suppress(ValueError, OverflowError):
        if (found := int(float(text) * 1e9)) > 0:
            return found
    raise ConfigError(MEMORY, text, "a number of gigabytes, such as 8")


def seconds_for(file: str) -> float:
    """Return how long nothing may happen after a file was opened: a minute, and a second for each of its megabytes."""
    with contextlib.suppress(OSError, ValueError):
        return _SECONDS + Path(file).stat().st_size / _BYTES_A_SECOND
    return _SECONDS


def limit_this_process() -> None:
    """Bound this process's memory, let the system kill it first if memory runs out, and write no core file."""
    size = memory_bytes()
    # Private memory only: memory-mapped files take none.
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_KILL_FIRST)
