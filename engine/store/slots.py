"""Which free slot a queued run can take."""

from collections.abc import Sequence


def fitting_slot(device: str, free: Sequence[str], auto: str = "cpu") -> str | None:
    """The first free slot that a config's ``device`` accepts; ``auto`` accepts the kind that it means here.

    Slots are named for their device, with a number if there are several: ``cuda:0``, ``cpu``, ``cpu:1``.
    """
    wanted = auto if device == "auto" else device
    if ":" in wanted:
        return wanted if wanted in free else None
    return next((slot for slot in free if _is(slot, wanted)), None)


def _is(slot: str, device: str) -> bool:
    return slot == device or slot.startswith(f"{device}:")
