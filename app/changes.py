"""Tells browsers when the store has changed, so that they draw again when there is something to draw."""

from __future__ import annotations

import asyncio
import time

from starlette.requests import Request
from starlette.responses import PlainTextResponse

from app.stored import store
from engine.errors import UserError

CHANGES_URL = "darkroom/changes"
_LOOK_EVERY = 0.04
_LONGEST = 5.0


async def wait_for_change(request: Request) -> PlainTextResponse:
    """The store's version as text, as soon as it is not ``since``; at the latest after ``within`` seconds."""
    since = request.query_params.get("since", "")
    deadline = time.monotonic() + min(_LONGEST, _seconds(request.query_params.get("within", "")))
    while (version := _version()) == since and time.monotonic() < deadline and not await request.is_disconnected():
        await asyncio.sleep(_LOOK_EVERY)
    return PlainTextResponse(version, headers={"Cache-Control": "no-store"})


def _version() -> str:
    """The version, or what a store that cannot be read just now has instead."""
    try:
        return str(store().version())
    except UserError:
        return "none"


def _seconds(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return _LONGEST
