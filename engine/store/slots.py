"""Which free slot fits a run."""

import sqlite3
from collections.abc import Sequence

from engine.store.schema import LIVE
from engine.store.values import marks


def still_free(connection: sqlite3.Connection, slots: Sequence[str]) -> Sequence[str]:
    """Return the slots that no live run holds; call this in the transaction that assigns one."""
    rows = connection.execute(f"SELECT slot FROM runs WHERE status IN ({marks(LIVE)})", [*LIVE]).fetchall()
    held = {row[0] for row in rows}
    return [slot for slot in slots if slot not in held]


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
