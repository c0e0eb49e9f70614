"""A heartbeat for fragments, driven by what happens in the store."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.changes import CHANGES_URL
from app.framework import component
from app.guard import guarded
from app.stored import store
from app.upkeep import look_after_runs


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
