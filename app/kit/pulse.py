"""Refreshing fragments when the store changes: browsers long-poll for its next version."""

import asyncio
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from app.kit.framework import component
from app.kit.guard import guarded
from app.kit.store import maintain_runs, store
from engine.errors import UserError

CHANGES_URL = "darkroom/changes"
_POLL_SECONDS = 0.04
_MAX_WAIT = 5.0


_waiting: dict[asyncio.Future[None], str] = {}
_looking: asyncio.Task[None] | None = None


async def wait_for_change(request: Request) -> PlainTextResponse:
    """Return the store's version as text once it differs from ``since``, or after ``within`` seconds."""
    since = request.query_params.get("since", "")
    if _version() == since:
        await _change(since, min(_MAX_WAIT, _seconds(request.query_params.get("within", ""))))
    return PlainTextResponse(_version(), headers={"Cache-Control": "no-store"})


async def _change(since: str, seconds: float) -> None:
    """Wait until the version is another one, at most so long."""
    global _looking
    change = asyncio.get_running_loop().create_future()
    _waiting[change] = since
    if _looking is None or _looking.done():
        _looking = asyncio.create_task(_look())
    try:
        await asyncio.wait([change], timeout=seconds)
    finally:
        del _waiting[change]


async def _look() -> None:
    """Look at the store for all who wait, however many they are."""
    while _waiting:
        await asyncio.sleep(_POLL_SECONDS)
        version = _version()
        for change, since in _waiting.items():
            if version != since and not change.done():
                change.set_result(None)


def _version() -> str:
    """Return the version; a placeholder if the store cannot be read."""
    try:
        return str(store().version())
    except UserError:
        return "none"


def _seconds(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return _MAX_WAIT


def pulse(key: str, *, every: float, patience: float, told: bool = False) -> None:
    """Rerun the calling fragment when the store changes, as long as it keeps calling this.

    Args:
        every: shortest time between two reruns, in seconds.
        patience: rerun after this time without a change, in seconds, to notice processes that died.
        told: go on in a tab that nobody looks at, now and then, if it shall tell the desktop what happens.
    """
    beats = st.session_state[f"{key}_beats"] = st.session_state.get(f"{key}_beats", 0) + 1
    mount = component("darkroom_pulse", html='<i class="pulse" hidden></i>', css="",
                      js=Path(__file__).with_name("pulse.js").read_text())
    mount(data={"url": CHANGES_URL, "version": str(store().version()), "every": every, "patience": patience,
                "told": told, "beats": beats}, key=key, on_beat_change=lambda: None)


@st.fragment
def redraw_on_change(key: str, version: int, *, every: float, patience: float) -> None:
    """Rerun the whole page once the store has moved on from ``version``, the one that the page shows."""
    with guarded():
        maintain_runs()
        if store().version() != version:
            st.rerun()
        pulse(key, every=every, patience=patience)
