"""Slots: one a GPU, and as many on the CPU as the setting ``cpu_slots`` allows."""

from __future__ import annotations

import itertools
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping

from engine.errors import ConfigError
from engine.launch.wake import wake
from engine.store import Run, Store
from engine.store.slots import fitting_slot

MAX_CPU_SLOTS = 64
_GPU_LINE = re.compile(r"GPU (\d+): .*\(UUID: (GPU-[^)]+)\)")
_NVIDIA_SMI_SECONDS = 15


def find_gpus() -> dict[str, str]:
    """This machine's NVIDIA GPUs, slot (``cuda:0``) to UUID; only those ``CUDA_VISIBLE_DEVICES`` allows, if set."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return {}
    try:
        listed = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=_NVIDIA_SMI_SECONDS).stdout
    except (OSError, subprocess.TimeoutExpired):
        return {}
    found = {f"cuda:{index}": uuid for index, uuid in _GPU_LINE.findall(listed)}
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return found
    allowed = {word.strip() for word in visible.split(",")}
    return {slot: uuid for slot, uuid in found.items() if slot.removeprefix("cuda:") in allowed or uuid in allowed}


def accelerators(gpus: Iterable[str]) -> list[str]:
    """Slots that are not the CPU's."""
    apple = sys.platform == "darwin" and platform.machine() == "arm64"
    return [*gpus, "mps"] if apple else list(gpus)


def cpu_slots(store: Store) -> int:
    """How many runs may train on the CPU at once, at most :data:`MAX_CPU_SLOTS` whatever is stored."""
    return min(int(store.settings.get("cpu_slots", 1)), MAX_CPU_SLOTS)


def set_cpu_slots(store: Store, number: int) -> None:
    """Let ``number`` runs train on the CPU at once; those that wait for a slot start now.

    Raises:
        ConfigError: it is not from 1 to :data:`MAX_CPU_SLOTS`.
    """
    if not 1 <= number <= MAX_CPU_SLOTS:
        raise ConfigError("cpu_slots", number, f"a number from 1 to {MAX_CPU_SLOTS}")
    store.settings.set("cpu_slots", number)
    wake()


def free_slots(store: Store, live: Iterable[Run], gpus: Iterable[str]) -> list[str]:
    """The slots that no live run holds, accelerators first."""
    held = {run.slot for run in live if run.slot}
    cpus_left = cpu_slots(store) - sum(slot.startswith("cpu") for slot in held)
    unused = (slot for number in itertools.count() if (slot := f"cpu:{number}") not in held)
    return [*(slot for slot in accelerators(gpus) if slot not in held), *itertools.islice(unused, max(cpus_left, 0))]


def auto_kind(gpus: Iterable[str]) -> str:
    """The kind of device that ``auto`` means here: an accelerator's where there is one, else ``cpu``."""
    return next((slot.partition(":")[0] for slot in accelerators(gpus)), "cpu")


def can_ever_run(device: str, gpus: Iterable[str]) -> bool:
    """Whether this machine has a slot for a config's ``device``, were all of them free."""
    return fitting_slot(device, [*accelerators(gpus), "cpu:0"], auto_kind(gpus)) is not None


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
