"""The queue as the pages show it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from engine.launch.places import state_path
from engine.launch.slots import free_slots
from engine.launch.wake import dispatcher_listens
from engine.store import LIVE, Run, Status, Store


@dataclass(frozen=True)
class Slot:
    """A place to train, such as ``cuda:0`` or ``cpu:1``, and the run that holds it."""

    name: str
    run: Run | None


@dataclass(frozen=True)
class QueueState:
    """Who trains and who waits.

    Attributes:
        dispatcher: whether there is one; without it nothing starts.
        warm: ``ready`` (runs start in a moment), ``warming`` (they wait for it, seconds), or ``off`` (they start cold).
        slots: all slots of this machine, by name.
        without_slot: live runs that hold none, such as a foreground run that found none free.
        queued: in the order they will start, were all slots alike.
    """

    dispatcher: bool
    warm: str
    slots: tuple[Slot, ...]
    without_slot: tuple[Run, ...]
    queued: tuple[Run, ...]


def queue_state(store: Store) -> QueueState:
    """Read from the store and what the dispatcher last told; asks no process anything."""
    listens = dispatcher_listens()
    told = _told()
    live = store.runs.list(LIVE)
    slots = [Slot(run.slot, run) for run in live if run.slot]
    slots += [Slot(name, None) for name in free_slots(store, live, told.get("gpus", {}))]
    queued = sorted(store.runs.list((Status.QUEUED,)), key=lambda run: (-run.priority, run.id))
    return QueueState(listens, str(told.get("warm", "off")) if listens else "off",
                      tuple(sorted(slots, key=lambda slot: slot.name)),
                      tuple(run for run in live if not run.slot), tuple(queued))


def warm_state() -> str:
    """What the dispatcher last told of the warm process: ``ready``, ``warming`` or ``off``."""
    return str(_told().get("warm", "warming"))


def _told() -> dict[str, Any]:
    try:
        return dict(json.loads(state_path().read_text()))
    except (OSError, ValueError):
        return {}
