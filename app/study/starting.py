"""Launching a study and turning to its matrix."""

from __future__ import annotations

import streamlit as st

from app.guard import guarded
from app.stored import store
from app.study.draft import discard
from engine.study.launching import launch
from engine.study.study import Study

_STARTED = "study_started"


def start(study: Study) -> None:
    """Launch, as a button's callback: the view is bound to the address, so it is changed before it is drawn."""
    with guarded():
        launch(store(), study)
        discard()
        st.session_state["view"] = "Matrix"
        st.session_state[_STARTED] = True


def started() -> bool:
    """Whether that has just happened, told once: then the whole page is to be drawn."""
    return bool(st.session_state.pop(_STARTED, False))
