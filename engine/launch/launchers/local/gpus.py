"""This machine's accelerators, as ``nvidia-smi`` tells of them, and what lets a process see one of them only."""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache

from engine.errors import ConfigError

_GPU_LINE = re.compile(r"GPU (\d+): .*\(UUID: (GPU-[^)]+)\)")
_NVIDIA_SMI_SECONDS = 15


def find_gpus() -> dict[str, str]:
    """The NVIDIA GPUs, slot (``cuda:0``) to UUID; only those ``CUDA_VISIBLE_DEVICES`` allows, if set."""
    found = {f"cuda:{index}": uuid for index, uuid in _GPU_LINE.findall(_nvidia_smi("-L"))}
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return found
    allowed = {word.strip() for word in visible.split(",")}
    return {slot: uuid for slot, uuid in found.items() if slot.removeprefix("cuda:") in allowed or uuid in allowed}


@lru_cache(maxsize=1)
def gpu_sizes() -> dict[str, int]:
    """Bytes of memory of each NVIDIA GPU by UUID; none where that cannot be found out."""
    lines = _nvidia_smi("--query-gpu=uuid,memory.total", "--format=csv,noheader,nounits").splitlines()
    with suppress(ValueError):
        return {uuid.strip(): int(mebibytes) * 2**20 for uuid, _, mebibytes in (line.partition(",") for line in lines)}
    return {}


def machine_devices(gpus: Mapping[str, str]) -> list[str]:
    """What runs can be trained on here: the GPUs, Apple's, the CPU."""
    apple = sys.platform == "darwin" and platform.machine() == "arm64"
    return [*gpus, *(["mps"] if apple else []), "cpu"]


def slot_environment(slot: str | None, gpus: Mapping[str, str], sharing: int = 1) -> dict[str, str]:
    """Environment that lets a trainer see its slot's GPU and no other; it is that trainer's ``cuda:0``.

    Where ``sharing`` runs may train on the CPU at once, each gets that part of its cores, unless the user set
    ``OMP_NUM_THREADS``.
    """
    if slot is None:
        return {}
    found = {"CUDA_VISIBLE_DEVICES": gpus.get(slot, "")}
    if slot.startswith("cpu") and sharing > 1 and "OMP_NUM_THREADS" not in os.environ:
        found["OMP_NUM_THREADS"] = str(max(1, (os.cpu_count() or 1) // sharing))
    return found


class OwnGpu:
    """The GPU that this very process trains on. CUDA looks once which there are, so the first run decides for all."""

    def __init__(self) -> None:
        self._slot: str | None = None
        self._decided = False

    def check(self, device: str) -> None:
        """Refuse a GPU other than the one this process has.

        Raises:
            ConfigError: naming the one it has.
        """
        if self._slot and device.startswith("cuda:") and device != self._slot:
            raise ConfigError("device", device, f"{self._slot}, which this process uses until it ends: train the run "
                                                "in a process of its own, or queue it with --detach")

    def allowed(self, free: list[str], gpus: Mapping[str, str]) -> list[str]:
        """Those of the free slots that this process can train in."""
        return [slot for slot in free if slot not in gpus or not self._decided or slot == self._slot]

    def take(self, device: str, slot: str | None, gpus: Mapping[str, str]) -> None:
        """Train in this slot. Without one, a run for a GPU uses what it finds, and so do those after it."""
        if gpus and device != "cpu" and not self._decided:
            self._slot, self._decided = slot, True
            os.environ.update(slot_environment(slot, gpus))


OWN_GPU = OwnGpu()


def _nvidia_smi(*arguments: str) -> str:
    """What the program prints; nothing where there is none, or it fails."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    try:
        return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=_NVIDIA_SMI_SECONDS).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
