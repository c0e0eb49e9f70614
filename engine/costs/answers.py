"""Costs and memory of models, computed in a process with torch and cached in the store."""

import time
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

from engine.config import RunConfig
from engine.costs.keys import Cost, Memory, cost_key, cost_request, memory_key, memory_request
from engine.errors import UserError, describe_error
from engine.home import db_path
from engine.launch.jobs import can_ask, run_job, running_jobs, start_job
from engine.store import Store

_LONGEST_SECONDS = 120.0
_RETRY_SECONDS = 10.0
_requested_at: dict[str, float] = {}


def describe(config: RunConfig) -> Cost | None:
    """Return the cost of a config's model, or None while it is computed; poll again in half a second.

    Returns:
        ``parameters`` and ``macs`` (multiply-adds of one picture's forward pass), or ``error``, one line.
    """
    request = cost_request(config)
    key = cost_key(request)
    found: Cost | None = home_store().costs.get(key)
    if found is not None:
        return found
    if time.monotonic() - _requested_at.get(key, float("-inf")) > _RETRY_SECONDS and can_ask():
        start_job("describe", request, seconds=_LONGEST_SECONDS)
        _requested_at[key] = time.monotonic()
    return None


def describe_blocking(config: RunConfig) -> Cost:
    """Return the cost, waiting for it: milliseconds with a warm process, else seconds."""
    request = cost_request(config)
    found: Cost | None = home_store().costs.get(cost_key(request))
    if found is not None:
        return found
    try:
        return run_job("describe", request, seconds=_LONGEST_SECONDS)
    except UserError as error:
        return {"error": str(error)}


def compute_cost(request: Cost) -> Cost:
    """Compute a cost in this process, which imports torch, and cache it."""
    from engine.costs.parameters import describe as compute

    return _cached(cost_key(request), request["model"], partial(compute, request))


def _cached(key: str, model: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the stored result, or compute and store it."""
    found: dict[str, Any] | None = home_store().costs.get(key)
    if found is None:
        try:
            found = compute()
        except Exception as error:  # a model may raise anything
            found = {"error": f"{model}: {describe_error(error)}"}
        home_store().costs.set(key, found)
    return found


def home_store() -> Store:
    """Return the home's store, opened once."""
    return _opened(str(db_path()))


@lru_cache(maxsize=4)
def _opened(path: str) -> Store:
    return Store.open()


_SECONDS_EACH = 300.0  # training runs take precedence over a job


def memories(configs: Sequence[RunConfig]) -> list[Memory | None]:
    """Return the predicted memory of each config, or None while it is computed. One process at a time computes all that
    are missing and stores each result at once."""
    requests = [memory_request(config) for config in configs]
    found = [home_store().costs.get(memory_key(request)) for request in requests]
    missing = _due([request for request, memory in zip(requests, found, strict=True) if memory is None])
    if missing and can_ask() and not running_jobs("memory"):
        start_job("memory", {"requests": missing}, seconds=_SECONDS_EACH * len(missing))
        _requested_at.update({memory_key(request): time.monotonic() for request in missing})
    return found


def memories_blocking(configs: Sequence[RunConfig]) -> list[Memory]:
    """Return the predicted memory of each config, waiting for it: about a second each."""
    requests = [memory_request(config) for config in configs]
    known = {memory_key(request): home_store().costs.get(memory_key(request)) for request in requests}
    missing = [request for request in requests if known[memory_key(request)] is None]
    if missing:
        try:
            answer = run_job("memory", {"requests": missing}, seconds=_SECONDS_EACH * len(missing))
            known |= dict(zip(map(memory_key, missing), answer["found"], strict=True))
        except UserError as error:
            known |= {memory_key(request): {"error": str(error)} for request in missing}
    return [known[memory_key(request)] or {} for request in requests]


def compute_memories(request: dict[str, Any]) -> dict[str, Any]:
    """Predict the memory of all ``requests`` in this process, which imports torch, and cache each at once."""
    from engine.costs.memory import predict_memory

    return {"found": [_cached(memory_key(one), one["config"]["model"], partial(predict_memory, one))
                      for one in request["requests"]]}


def _due(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each request once, without those started a moment ago."""
    now = time.monotonic()
    return list({key: request for request in requests
                 if now - _requested_at.get(key := memory_key(request), float("-inf")) > _RETRY_SECONDS}.values())
