"""The database ``runs.db``: runs, metrics, evaluations, events and studies. All SQL is here."""

import pkgutil
from typing import TYPE_CHECKING, Any

from engine.store.evaluations import Conditions, Evaluation
from engine.store.events import Event
from engine.store.faults import StoreError
from engine.store.run import Run
from engine.store.schema import ENDED, LIVE, Status
from engine.store.store import Store
from engine.store.sure import Sure

if TYPE_CHECKING:
    from engine.store.recorder import Recorder
    from engine.store.summaries import Summary

__all__ = ["ENDED", "LIVE", "Conditions", "Evaluation", "Event", "Recorder", "Run", "Status", "Store", "StoreError",
           "Summary", "Sure"]

_LATE = {"Recorder": "engine.store.recorder:Recorder", "Summary": "engine.store.summaries:Summary"}
"""What needs NumPy, without which short commands start sooner."""


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return pkgutil.resolve_name(_LATE[name])
