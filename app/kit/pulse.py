"""A heartbeat for fragments, driven by what happens in the store: browsers wait here for its next change."""

import asyncio
import time
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from app.kit.framework import component
from app.kit.guard import guarded
from app.kit.store import look_after_runs, store
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


def pulse(key: str, *, every: float, patience: float) -> None:
    """Rerun the fragment this is called in when the store has changed, for as long as it keeps calling this.

    At most ``every`` so many seconds; without any change after ``patience`` seconds, in which a dead process may have
    to be noticed.
    """
    beats = st.session_state[f"{key}_beats"] = st.session_state.get(f"{key}_beats", 0) + 1
    mount = component("darkroom_pulse", html='<i class="pulse" hidden></i>', css="",
                      js=Path(__file__).with_name("pulse.js").read_text())
    mount(data={"url": CHANGES_URL, "version": str(store().version()), "every": every, "patience": patience,
                "beats": beats}, key=key, on_beat_change=lambda: None)


@st.fragment
def redraw_on_change(key: str, version: int, *, every: float, patience: float) -> None:
    """Run the whole page again when the store is no longer at ``version``, the one that the page shows."""
    with guarded():
        look_after_runs()
        if store().version() != version:
            st.rerun()
        pulse(key, every=every, patience=patience)
