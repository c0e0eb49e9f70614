"""What a model costs (parameters, multiply-adds), asked of a process that has torch, and remembered."""

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from engine.config import RunConfig
from engine.costs.keys import Cost, Memory, cost_key, cost_request, memory_key, memory_request
from engine.errors import UserError, described
from engine.home import db_path
from engine.launch.jobs import can_ask, run_job, running_jobs, start_job
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
    found: Cost | None = opened_store().costs.get(key)
    if found is not None:
        return found
    if time.monotonic() - _asked.get(key, float("-inf")) > _ASK_AGAIN_SECONDS and can_ask():
        start_job("describe", request, seconds=_LONGEST_SECONDS)
        _asked[key] = time.monotonic()
    return None


def describe_blocking(config: RunConfig) -> Cost:
    """As :func:`describe`, but waits: milliseconds with a warm process, else seconds."""
    request = cost_request(config)
    found: Cost | None = opened_store().costs.get(cost_key(request))
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
    opened_store().costs.set(cost_key(request), cost)
    return cost


def opened_store() -> Store:
    """The home's store, opened once."""
    return _opened(str(db_path()))


@lru_cache(maxsize=4)
def _opened(path: str) -> Store:
    return Store.open()


_SECONDS_EACH = 300.0  # a job steps aside for every training run


def memories(configs: Sequence[RunConfig]) -> list[Memory | None]:
    """Of each config what :func:`engine.costs.memory.predict_memory` found, or None while it is being found.

    One process at a time works on all that are missing; each answer is there as soon as it is found.
    """
    requests = [memory_request(config) for config in configs]
    found = [opened_store().costs.get(memory_key(request)) for request in requests]
    missing = _due([request for request, memory in zip(requests, found, strict=True) if memory is None])
    if missing and can_ask() and not running_jobs("memory"):
        start_job("memory", {"requests": missing}, seconds=_SECONDS_EACH * len(missing))
        _asked.update({memory_key(request): time.monotonic() for request in missing})
    return found


def memories_blocking(configs: Sequence[RunConfig]) -> list[Memory]:
    """As :func:`memories`, but waits: about a second each."""
    requests = [memory_request(config) for config in configs]
    known = {memory_key(request): opened_store().costs.get(memory_key(request)) for request in requests}
    missing = [request for request in requests if known[memory_key(request)] is None]
    if missing:
        try:
            answer = run_job("memory", {"requests": missing}, seconds=_SECONDS_EACH * len(missing))
            known |= dict(zip(map(memory_key, missing), answer["found"], strict=True))
        except UserError as error:
            known |= {memory_key(request): {"error": str(error)} for request in missing}
    return [known[memory_key(request)] or {} for request in requests]


def predicted_here(request: dict[str, Any]) -> dict[str, Any]:
    """Predict all ``requests`` in this process, which imports torch, and remember each at once."""
    return {"found": [_predicted(one) for one in request["requests"]]}


def _predicted(request: dict[str, Any]) -> Memory:
    from engine.costs.memory import predict_memory

    key = memory_key(request)
    known: Memory | None = opened_store().costs.get(key)
    if known is not None:
        return known
    try:
        memory = predict_memory(request)
    except Exception as error:  # an unknown model's own code may raise anything; the reader is told what
        memory = {"error": f"{request['config']['model']}: {described(error)}"}
    opened_store().costs.set(key, memory)
    return memory


def _due(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each once, and none that was asked for a moment ago."""
    now = time.monotonic()
    return list({key: request for request in requests
                 if now - _asked.get(key := memory_key(request), float("-inf")) > _ASK_AGAIN_SECONDS}.values())
