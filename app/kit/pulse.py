"""Refreshing fragments when the store changes: browsers long-poll for its next version."""

import asyncio
import time
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


async def wait_for_change(request: Request) -> PlainTextResponse:
    """Return the store's version as text once it differs from ``since``, or after ``within`` seconds."""
    since = request.query_params.get("since", "")
    deadline = time.monotonic() + min(_MAX_WAIT, _seconds(request.query_params.get("within", "")))
    while (version := _version()) == since and time.monotonic() < deadline and not await request.is_disconnected():
        await asyncio.sleep(_POLL_SECONDS)
    return PlainTextResponse(version, headers={"Cache-Control": "no-store"})


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


def pulse(key: str, *, every: float, patience: float) -> None:
    """Rerun the calling fragment when the store changes, as long as it keeps calling this.

    Args:
        every: shortest time between two reruns, in seconds.
        patience: rerun after this time without a change, in seconds, to notice processes that died.
    """
    beats = st.session_state[f"{key}_beats"] = st.session_state.get(f"{key}_beats", 0) + 1
    mount = component("darkroom_pulse", html='<i class="pulse" hidden></i>', css="",
                      js=Path(__file__).with_name("pulse.js").read_text())
    mount(data={"url": CHANGES_URL, "version": str(store().version()), "every": every, "patience": patience,
                "beats": beats}, key=key, on_beat_change=lambda: None)


@st.fragment
def redraw_on_change(key: str, version: int, *, every: float, patience: float) -> None:
    """Rerun the whole page once the store has moved on from ``version``, the one that the page shows."""
    with guarded():
        maintain_runs()
        if store().version() != version:
            st.rerun()
        pulse(key, every=every, patience=patience)
