"""Turning from one view of the study page to another by code: the choice is bound to the address once it is drawn."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from app.navigation import go
from engine.study.study import Study

_TURN = "study_turn"


def turn_to(study: Study, view: str) -> NoReturn:
    """Draw the page anew, with this study at this view."""
    st.session_state[_TURN] = view
    go("study", study=study.name)


def turned() -> None:
    """Before the views are drawn: choose the one that was turned to."""
    if view := st.session_state.pop(_TURN, ""):
        st.session_state["view"] = view
