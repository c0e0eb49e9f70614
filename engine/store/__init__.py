"""The database ``runs.db``: runs, metrics, evaluations, events and studies. All SQL is here."""

from engine.store.evaluations import Conditions, Evaluation
from engine.store.events import Event
from engine.store.faults import StoreError
from engine.store.recorder import Recorder
from engine.store.run import Run
from engine.store.schema import ENDED, LIVE, Status
from engine.store.store import Store
from engine.store.summaries import Summary
from engine.store.sure import Sure

__all__ = ["ENDED", "LIVE", "Conditions", "Evaluation", "Event", "Recorder", "Run", "Status", "Store", "StoreError",
           "Summary", "Sure"]
