"""How much memory there is to train in: this machine's, a GPU's, or a size that somebody names."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import psutil

from engine.errors import ConfigError
from engine.launch.slots import auto_kind, find_gpus

_UNITS = {"B": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_SIZE = re.compile(r"(\d+(?:[.,]\d+)?)\s*([KMGT]?)(I?)B", re.IGNORECASE)
_NVIDIA_SMI_SECONDS = 15
_CGROUPS = Path("/sys/fs/cgroup")
_UNLIMITED = 1 << 60


@dataclass(frozen=True)
class Capacity:
    """``bytes`` to train in on a ``kind`` of device (``cpu``, ``cuda``, ``mps``), and in words whose memory that is."""

    kind: str
    bytes: int
    source: str


def capacity(device: str, named: str = "") -> Capacity | None:
    """The memory of a config's ``device``, or that of ``named`` size in its place; None: it cannot be found out.

    Raises:
        ConfigError: ``named`` is no size.
    """
    gpus = find_gpus() if device.partition(":")[0] in ("auto", "cuda") else {}
    kind = auto_kind(gpus) if device == "auto" else device.partition(":")[0]
    if named:
        return Capacity(kind, parse_size(named), f"as named: {named.strip()}")
    if kind == "cuda":
        sizes = gpu_sizes()
        found = [sizes[uuid] for slot, uuid in gpus.items() if uuid in sizes and device in ("auto", "cuda", slot)]
        return Capacity(kind, min(found), "the smallest GPU here" if len(set(found)) > 1 else "the GPU") \
            if found else None
    limit = cgroup_limit()
    total = psutil.virtual_memory().total
    if limit is not None and limit < total:
        return Capacity(kind, limit, "the limit set for this container or group")
    return Capacity(kind, total, "this machine")


def available_bytes(device: str) -> int | None:
    """What a trainer on this device had, also where its own address space is limited; None: unknown."""
    there = capacity(device)
    own = resource.getrlimit(resource.RLIMIT_AS)[0]
    sizes = ([there.bytes] if there else []) + ([own] if own != resource.RLIM_INFINITY else [])
    return min(sizes, default=None)


def parse_size(text: str) -> int:
    """Bytes of ``8GB``, ``24 GiB``, ``512 MB``; GB and GiB both count 2³⁰ bytes, as memory is sold.

    Raises:
        ConfigError: it is no size, has no unit, or is zero.
    """
    match = _SIZE.fullmatch(text.strip())
    found = round(float(match[1].replace(",", ".")) * _UNITS[match[2].upper() or "B"]) if match else 0
    if not match or not found:
        raise ConfigError("memory", text, "a size with its unit, such as 8GB or 24 GiB")
    return found


@lru_cache(maxsize=1)
def gpu_sizes() -> dict[str, int]:
    """Bytes of memory of each NVIDIA GPU by UUID, as ``nvidia-smi`` tells; none where there is no such program."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return {}
    query = [program, "--query-gpu=uuid,memory.total", "--format=csv,noheader,nounits"]
    with suppress(OSError, subprocess.TimeoutExpired, ValueError):
        lines = subprocess.run(query, capture_output=True, text=True, timeout=_NVIDIA_SMI_SECONDS).stdout.splitlines()
        return {uuid.strip(): int(mebibytes) * 2**20 for uuid, _, mebibytes in (line.partition(",") for line in lines)}
    return {}


def cgroup_limit() -> int | None:
    """The least memory limit of this process's control groups, in bytes; None: there is none."""
    limits = []
    for folder in cgroup_folders():
        for name in ("memory.max", "memory.limit_in_bytes"):
            with suppress(OSError, ValueError):
                limits.append(int((folder / name).read_text()))
    found = min(limits, default=_UNLIMITED)
    return found if found < _UNLIMITED else None


def cgroup_oom_kills() -> int:
    """How often the kernel killed in this process's control group for want of memory; 0 where it does not tell."""
    for folder in cgroup_folders():
        for name in ("memory.events", "memory.oom_control"):
            with suppress(OSError):
                words = (folder / name).read_text().split()
                if "oom_kill" in words:
                    return int(words[words.index("oom_kill") + 1])
    return 0


def cgroup_folders() -> Iterator[Path]:
    """The folders of this process's memory groups, its own first, then those above, of either version of them."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            top = _CGROUPS / controllers
            # Inside a container the path is that of the host, and only the top exists.
            folders = [top / os.path.normpath(path).lstrip("/"), top]
            yield from (parent for folder in folders for parent in (folder, *folder.parents)
                        if parent.is_relative_to(top) and parent.is_dir())
