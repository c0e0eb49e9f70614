"""What a model costs (parameters, multiply-adds), asked of a process that has torch, and remembered."""

from __future__ import annotations

import time
from functools import lru_cache

from engine.config import RunConfig
from engine.costs.keys import Cost, cost_key, cost_request
from engine.errors import UserError, described
from engine.home import db_path
from engine.launch.jobs import can_ask, run_job, start_job
from engine.store import Store

_LONGEST_SECONDS = 120.0
_ASK_AGAIN_SECONDS = 10.0
_asked: dict[str, float] = {}


def describe(config: RunConfig) -> Cost | None:
    """The cost of a config's model, or None while it is being found: ask again in half a second.

    Returns:
        ``parameters`` and ``macs`` (multiply-adds of one picture's forward pass), or ``error``, one line.
    """
    request = cost_request(config)
    key = cost_key(request)
    found = opened_store().costs.get(key)
    if found is not None:
        return found
    if time.monotonic() - _asked.get(key, float("-inf")) > _ASK_AGAIN_SECONDS and can_ask():
        start_job("describe", request, seconds=_LONGEST_SECONDS)
        _asked[key] = time.monotonic()
    return None


def describe_blocking(config: RunConfig) -> Cost:
    """As :func:`describe`, but waits: milliseconds with a warm process, else seconds."""
    request = cost_request(config)
    found = opened_store().costs.get(cost_key(request))
    if found is not None:
        return found
    try:
        return run_job("describe", request, seconds=_LONGEST_SECONDS)
    except UserError as error:
        return {"error": str(error)}


def described_here(request: Cost) -> Cost:
    """Compute a cost in this process, which imports torch, and remember it."""
    from engine.costs.parameters import describe as compute

    try:
        cost = compute(request)
    except Exception as error:  # an unknown model's own code may raise anything; the reader is told what
        cost = {"error": f"{request['model']}: {described(error)}"}
    opened_store().costs.put(cost_key(request), cost)
    return cost


def opened_store() -> Store:
    """The home's store, opened once."""
    return _opened(str(db_path()))


@lru_cache(maxsize=4)
def _opened(path: str) -> Store:
    return Store.open()
