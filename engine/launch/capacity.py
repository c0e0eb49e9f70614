"""Available memory: of this machine, of a GPU, or a given size."""

import re
import resource
from dataclasses import dataclass

from engine.errors import ConfigError
from engine.launch.launchers.local.cgroups import cgroup_limit
from engine.launch.launchers.local.gpus import find_gpus, gpu_sizes, machine_devices
from engine.launch.slots import auto_kind

_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_SIZE = re.compile(r"(\d+(?:[.,]\d+)?)\s*([KMGT]?)(I?)B", re.IGNORECASE)


@dataclass(frozen=True)
class Capacity:
    """Available ``bytes`` on a ``kind`` of device (``cpu``, ``cuda``, ``mps``), with their source in words."""

    kind: str
    bytes: int
    source: str


def capacity(device: str, named: str = "") -> Capacity | None:
    """Return the memory of a config's ``device``, or of the size ``named``; None if unknown.

    Raises:
        ConfigError: ``named`` is not a size.
    """
    gpus = find_gpus() if device.partition(":")[0] in ("auto", "cuda") else {}
    kind = auto_kind(machine_devices(gpus)) if device == "auto" else device.partition(":")[0]
    if named:
        return Capacity(kind, parse_size(named), f"as given: {named.strip()}")
    if kind == "cuda":
        sizes = gpu_sizes()
        found = [sizes[uuid] for slot, uuid in gpus.items() if uuid in sizes and device in ("auto", "cuda", slot)]
        return Capacity(kind, min(found), "the smallest GPU here" if len(set(found)) > 1 else "the GPU") \
            if found else None
    import psutil

    limit = cgroup_limit()
    total = psutil.virtual_memory().total
    if limit is not None and limit < total:
        return Capacity(kind, limit, "the memory limit of this container")
    return Capacity(kind, total, "this machine")


def kind_of(available: Capacity | None) -> str:
    """Return the kind of device of a capacity; only that of GPUs can be unknown."""
    return available.kind if available else "cuda"


def available_bytes(device: str) -> int | None:
    """Return the memory of a trainer on this device, considering its address-space limit; None if unknown."""
    available = capacity(device)
    own = resource.getrlimit(resource.RLIMIT_AS)[0]
    sizes = ([available.bytes] if available else []) + ([own] if own != resource.RLIM_INFINITY else [])
    return min(sizes, default=None)


def parse_size(text: str) -> int:
    """Parse ``8GB``, ``24 GiB``, ``512 MB`` to bytes: 1 GB = 10⁹ bytes, 1 GiB = 2³⁰ bytes.

    Raises:
        ConfigError: it is not a size, has no unit, or is zero.
    """
    match = _SIZE.fullmatch(text.strip())
    found = round(float(match[1].replace(",", ".")) * (1024 if match[3] else 1000) ** _POWERS[match[2].upper()]) \
        if match else 0
    if not match or not found:
        raise ConfigError("memory", text, "a size with its unit, such as 8GB or 24 GiB")
    return found
