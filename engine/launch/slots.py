"""Slots: one per accelerator, and up to the setting ``cpu_slots`` on the CPU."""

import itertools
import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from engine.errors import ConfigError
from engine.launch.launcher import launchers
from engine.launch.launchers.local.wakeup import wake
from engine.store import Store
from engine.store.slots import fitting_slot

if TYPE_CHECKING:
    from engine.config import RunConfig

MAX_CPU_SLOTS = 64


def cpu_slots(store: Store) -> int:
    """Return the number of concurrent runs on the CPU, at most :data:`MAX_CPU_SLOTS`."""
    return min(int(store.settings.get("cpu_slots", 1)), MAX_CPU_SLOTS)


def set_cpu_slots(store: Store, number: int) -> None:
    """Set the number of concurrent runs on the CPU, and wake the dispatcher.

    Raises:
        ConfigError: it is not between 1 and :data:`MAX_CPU_SLOTS`.
    """
    if not 1 <= number <= MAX_CPU_SLOTS:
        raise ConfigError("cpu_slots", number, f"a number from 1 to {MAX_CPU_SLOTS}")
    store.settings.set("cpu_slots", number)
    wake()


def devices() -> list[str]:
    """Return the devices of all launchers: ``cuda:0``, ``cpu``."""
    return list(dict.fromkeys(device for launcher in launchers().values() for device in launcher.devices()))


def auto_kind(devices: Sequence[str]) -> str:
    """Return the kind of device for ``auto``: an accelerator if there is one, else ``cpu``."""
    return devices[0].partition(":")[0]


def can_ever_run(device: str, devices: Sequence[str]) -> bool:
    """Return whether one of these devices matches a config's ``device``."""
    return fitting_slot(device, devices, auto_kind(devices)) is not None


_CPU = re.compile(r"cpu:\d+")


def free_slots(devices: Sequence[str], held: Collection[str], cpus: int) -> list[str]:
    """Return the free slots of one machine's devices, accelerators first."""
    cpus_left = cpus - sum(_CPU.fullmatch(slot) is not None for slot in held)  # others are other launchers'
    unused = (slot for number in itertools.count() if (slot := f"cpu:{number}") not in held)
    return [*(device for device in devices if device != "cpu" and device not in held),
            *itertools.islice(unused, max(cpus_left, 0))]


def check_device(config: "RunConfig", devices: Sequence[str]) -> None:
    """Refuse a device that is not among these, and float16 on the CPU.

    Raises:
        ConfigError: names the available devices.
    """
    if not can_ever_run(config.device, devices):
        there = ", ".join(["auto", *devices])
        raise ConfigError("device", config.device, f"a device of this machine: {there}")
    if config.precision == "fp16" and (config.device == "cpu" or auto_kind(devices) == "cpu"):
        raise ConfigError("precision", config.precision, "for the CPU, where this run would train; use fp32 or bf16")
