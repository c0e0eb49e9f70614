"""How much memory there is to train in: this machine's, a GPU's, or a size that somebody names."""

import re
import resource
from dataclasses import dataclass

import psutil

from engine.errors import ConfigError
from engine.launch.launchers.local.cgroups import cgroup_limit
from engine.launch.launchers.local.gpus import find_gpus, gpu_sizes, machine_devices
from engine.launch.slots import auto_kind

_UNITS = {"B": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_SIZE = re.compile(r"(\d+(?:[.,]\d+)?)\s*([KMGT]?)(I?)B", re.IGNORECASE)


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
    kind = auto_kind(machine_devices(gpus)) if device == "auto" else device.partition(":")[0]
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


def kind_of(there: Capacity | None) -> str:
    """The kind of device whose capacity that is: only a GPU's cannot be found out."""
    return there.kind if there else "cuda"


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
