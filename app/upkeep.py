"""What every visit does for the runs: find those that died, and see that the queued ones are started."""

from __future__ import annotations

import time

import streamlit as st

from app.stored import runs, store
from engine.launch import ensure_dispatcher, reap
from engine.store import Status

_EVERY = 2.0


def look_after_runs() -> None:
    """Mark runs whose process is gone, and wake the dispatcher if any wait; not at every beat of every page.

    Raises:
        UserError: the store cannot be read or written.
    """
    if time.monotonic() - st.session_state.get("looked_after", 0.0) > _EVERY:
        st.session_state["looked_after"] = time.monotonic()
        reap(store())
        if any(run.status is Status.QUEUED for run in runs()):
            ensure_dispatcher()


def make_jobs_quick() -> None:
    """See that there is a warm process soon, from which jobs start in a moment and not in seconds."""
    ensure_dispatcher()
