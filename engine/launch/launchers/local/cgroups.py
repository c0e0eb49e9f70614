"""Memory limits and out-of-memory kills of Linux control groups."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_UNLIMITED = 1 << 60


def cgroup_limit() -> int | None:
    """Return the lowest memory limit of this process's control groups in bytes; None if there is none."""
    limits = []
    for folder in cgroup_folders():
        for name in ("memory.max", "memory.limit_in_bytes"):
            with suppress(OSError, ValueError):
                limits.append(int((folder / name).read_text()))
    found = min(limits, default=_UNLIMITED)
    return found if found < _UNLIMITED else None


def cgroup_oom_kills() -> int:
    """Return the number of out-of-memory kills in this process's control group; 0 if unknown."""
    for folder in cgroup_folders():
        for name in ("memory.events", "memory.oom_control"):
            with suppress(OSError):
                words = (folder / name).read_text().split()
                if "oom_kill" in words:
                    return int(words[words.index("oom_kill") + 1])
    return 0


def cgroup_folders() -> Iterator[Path]:
    """Yield the folders of this process's memory groups (v1 or v2), its own first, then its parents."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            top = _CGROUPS / controllers
            # In a container the path is that of the host, and only the top folder exists.
            folders = [top / os.path.normpath(path).lstrip("/"), top]
            yield from (parent for folder in folders for parent in (folder, *folder.parents)
                        if parent.is_relative_to(top) and parent.is_dir())
