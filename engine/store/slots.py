"""Matching devices with free slots."""

from collections.abc import Sequence


def fitting_slot(device: str, free: Sequence[str], auto: str = "cpu") -> str | None:
    """Return the first free slot for a config's ``device``; device ``auto`` takes slots of the kind ``auto``.

    Slots are named after their device, with a number if there are several: ``cuda:0``, ``cpu``, ``cpu:1``.
    """
    wanted = auto if device == "auto" else device
    if ":" in wanted:
        return wanted if wanted in free else None
    return next((slot for slot in free if _is(slot, wanted)), None)


def _is(slot: str, device: str) -> bool:
    return slot == device or slot.startswith(f"{device}:")
