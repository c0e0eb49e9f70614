"""Which free slot a queued run can take."""

from __future__ import annotations

from collections.abc import Sequence


def fitting_slot(device: str, free: Sequence[str]) -> str | None:
    """The first free slot that a config's ``device`` accepts: ``auto`` a GPU before anything else.

    Slots are named for their device, with a number if there are several: ``cuda:0``, ``cpu``, ``cpu:1``.
    """
    if device == "auto":
        return next((slot for slot in free if not _is(slot, "cpu")), free[0] if free else None)
    if ":" in device:
        return device if device in free else None
    return next((slot for slot in free if _is(slot, device)), None)


def _is(slot: str, device: str) -> bool:
    return slot == device or slot.startswith(f"{device}:")
