"""This machine's GPUs, read from ``nvidia-smi``, and the environment that restricts a process to one of them."""

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
    """Return the NVIDIA GPUs, slot (``cuda:0``) to UUID, restricted by ``CUDA_VISIBLE_DEVICES`` if set."""
    found = {f"cuda:{index}": uuid for index, uuid in _GPU_LINE.findall(_nvidia_smi("-L"))}
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return found
    allowed = {word.strip() for word in visible.split(",")}
    return {slot: uuid for slot, uuid in found.items() if slot.removeprefix("cuda:") in allowed or uuid in allowed}


@lru_cache(maxsize=1)
def gpu_sizes() -> dict[str, int]:
    """Return the memory of each NVIDIA GPU in bytes, by UUID; empty if unknown."""
    lines = _nvidia_smi("--query-gpu=uuid,memory.total", "--format=csv,noheader,nounits").splitlines()
    with suppress(ValueError):
        return {uuid.strip(): int(mebibytes) * 2**20 for uuid, _, mebibytes in (line.partition(",") for line in lines)}
    return {}


def machine_devices(gpus: Mapping[str, str]) -> list[str]:
    """Return the devices of this machine: GPUs, Apple's GPU, the CPU."""
    apple = sys.platform == "darwin" and platform.machine() == "arm64"
    return [*gpus, *(["mps"] if apple else []), "cpu"]


def slot_environment(slot: str | None, gpus: Mapping[str, str], sharing: int = 1) -> dict[str, str]:
    """Return the environment in which a trainer sees only its slot's GPU, as ``cuda:0``.

    If ``sharing`` runs may train on the CPU at once, each gets an equal part of the cores, unless ``OMP_NUM_THREADS``
    is set.
    """
    if slot is None:
        return {}
    found = {"CUDA_VISIBLE_DEVICES": gpus.get(slot, "")}
    if slot.startswith("cpu") and sharing > 1 and "OMP_NUM_THREADS" not in os.environ:
        found["OMP_NUM_THREADS"] = str(max(1, (os.cpu_count() or 1) // sharing))
    return found


class OwnGpu:
    """The GPU of this process. CUDA reads the visible GPUs once, so the first run decides for all later ones."""

    def __init__(self) -> None:
        self._slot: str | None = None
        self._decided = False

    def check(self, device: str) -> None:
        """Refuse a GPU other than the one that this process uses.

        Raises:
            ConfigError: names the GPU in use.
        """
        if self._slot and device.startswith("cuda:") and device != self._slot:
            raise ConfigError("device", device, f"{self._slot}, which this process uses until it ends; train the run "
                                                "in a new process, or queue it with --detach")

    def allowed(self, free: list[str], gpus: Mapping[str, str]) -> list[str]:
        """Return the free slots that this process can use."""
        return [slot for slot in free if slot not in gpus or not self._decided or slot == self._slot]

    def take(self, device: str, slot: str | None, gpus: Mapping[str, str]) -> None:
        """Use this slot; without one, this and later runs use any visible GPU."""
        if gpus and device != "cpu" and not self._decided:
            self._slot, self._decided = slot, True
            os.environ.update(slot_environment(slot, gpus))


OWN_GPU = OwnGpu()


def _nvidia_smi(*arguments: str) -> str:
    """Return the output of ``nvidia-smi``; empty if it is missing or fails."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    try:
        return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=_NVIDIA_SMI_SECONDS).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
