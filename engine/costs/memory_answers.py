"""How much memory runs will take, asked of a process that has torch, and remembered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from engine.config import RunConfig
from engine.costs.answers import opened_store
from engine.costs.keys import Memory, memory_key, memory_request
from engine.errors import UserError, described
from engine.launch.jobs import can_ask, run_job, running_jobs, start_job

_SECONDS_EACH = 300.0  # a job steps aside for every training run
_ASK_AGAIN_SECONDS = 10.0
_asked: dict[str, float] = {}


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
    opened_store().costs.put(key, memory)
    return memory


def _due(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each once, and none that was asked for a moment ago."""
    now = time.monotonic()
    return list({key: request for request in requests
                 if now - _asked.get(key := memory_key(request), float("-inf")) > _ASK_AGAIN_SECONDS}.values())
