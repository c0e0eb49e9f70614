"""Waiting for a study."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.launch import reap
from engine.store import Store
from engine.study.matrix import Matrix, State, matrix
from engine.study.study import Study

_LOOK_EVERY = 0.5


def wait_until_over(store: Store, study: Study, told: Callable[[Matrix], None]) -> Matrix:
    """Return when none of a study's runs waits or trains any more.

    Args:
        told: called at the beginning and whenever a run's state has changed.
    """
    last: dict[State, int] | None = None
    version = -1
    while True:
        if store.version() != version:
            version = store.version()
            found = matrix(store, study)
            if found.counts != last:
                last = found.counts
                told(found)
            if not found.counts[State.RUNNING] and not found.counts[State.QUEUED]:
                return found
        time.sleep(_LOOK_EVERY)
        reap(store)
