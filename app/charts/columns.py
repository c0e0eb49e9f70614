"""Recorded metrics, kept in memory until their run changes."""

from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock

import numpy as np

from app.kit.store import store
from engine.store import Run
from engine.store.chunks import Column

_MOST_POINTS = 4_000_000
"""All together, 64 MB."""

_kept: OrderedDict[tuple[str, int, str], tuple[int, Column]] = OrderedDict()
_lock = Lock()


def columns(runs: Sequence[Run], metric: str) -> dict[int, Column]:
    """Return all recorded (steps, values) of a metric, by run; empty for a run without it."""
    path = str(store().path)
    with _lock:
        found = {run.id: entry[1] for run in runs
                 if (entry := _kept.get((path, run.id, metric))) and entry[0] == run.revision}
    missing = [run for run in runs if run.id not in found]
    if missing:
        read = store().metrics.columns([run.id for run in missing], metric)
        found |= read
        with _lock:
            for run in missing:
                _kept[path, run.id, metric] = run.revision, read[run.id]
                _kept.move_to_end((path, run.id, metric))
            _forget()
    return found


def _forget() -> None:
    """Drop those that were read longest ago, as long as there are too many points."""
    points = sum(len(column[0]) + 1 for _, column in _kept.values())
    while points > _MOST_POINTS and len(_kept) > 1:
        _, (_, column) = _kept.popitem(last=False)
        points -= len(column[0]) + 1


def recorded(run: Run) -> tuple[str, ...]:
    """Return the names of all metrics that a run has recorded."""
    return _recorded(str(store().path), run.id, run.revision)


@lru_cache(maxsize=1000)
def _recorded(path: str, run_id: int, revision: int) -> tuple[str, ...]:
    return tuple(store().metrics.summary(run_id))


NOTHING: Column = np.empty(0, np.int64), np.empty(0)
