"""Slots: one an accelerator, and as many on the CPU as the setting ``cpu_slots`` allows."""

import itertools
from collections.abc import Collection, Sequence

from engine.config import RunConfig
from engine.errors import ConfigError
from engine.launch.launcher import launchers
from engine.launch.launchers.local.bell import wake
from engine.store import Store
from engine.store.slots import fitting_slot

MAX_CPU_SLOTS = 64


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


def devices() -> list[str]:
    """What runs can be trained on, by any launcher: ``cuda:0``, ``cpu``."""
    return list(dict.fromkeys(device for launcher in launchers().values() for device in launcher.devices()))


def auto_kind(devices: Sequence[str]) -> str:
    """The kind of device that ``auto`` means among these: an accelerator's where there is one, else ``cpu``."""
    return devices[0].partition(":")[0]


def can_ever_run(device: str, devices: Sequence[str]) -> bool:
    """Whether a config's ``device`` is among these, were all of them free."""
    return fitting_slot(device, devices, auto_kind(devices)) is not None


def free_slots(devices: Sequence[str], held: Collection[str], cpus: int) -> list[str]:
    """The slots of one machine's devices that no live run holds, accelerators first."""
    cpus_left = cpus - sum(slot.startswith("cpu") for slot in held)
    unused = (slot for number in itertools.count() if (slot := f"cpu:{number}") not in held)
    return [*(device for device in devices if device != "cpu" and device not in held),
            *itertools.islice(unused, max(cpus_left, 0))]


def check_device(config: RunConfig, devices: Sequence[str]) -> None:
    """Refuse a device that is not among these, and float16 where only the CPU would compute it.

    Raises:
        ConfigError: naming what there is.
    """
    if not can_ever_run(config.device, devices):
        there = ", ".join(["auto", *devices])
        raise ConfigError("device", config.device, f"a device of this machine: {there}")
    if config.precision == "fp16" and (config.device == "cpu" or auto_kind(devices) == "cpu"):
        raise ConfigError("precision", config.precision, "for the CPU, where this run would train; use fp32 or bf16")
