"""Which study the page is about, in the address so that it can be bookmarked."""

from __future__ import annotations

import streamlit as st

from app.stored import store
from app.study.managing import manage
from app.words import plain
from engine.study.study import Study
from engine.study.versions import Studies

_KEY = "study"


def choose_study() -> Study | None:
    """The chosen study; None when there is none, or a new one is to be begun."""
    studies = {study.name: study for study in Studies(store()).list()}
    asked = st.query_params.get("study", "")
    if not studies or st.query_params.get("new"):
        return None
    if asked and asked not in studies:
        st.caption(f":orange[:material/link_off: There is no study {plain(asked[:80])}.]")
    if asked in studies and asked != st.session_state.get(f"{_KEY}_address"):
        st.session_state[_KEY] = asked
    elif st.session_state.get(_KEY) not in studies:
        st.session_state[_KEY] = next(iter(studies))
    with st.container(horizontal=True, vertical_alignment="center", key="study_choice", width="content"):
        chosen = st.selectbox("Study", list(studies), key=_KEY, label_visibility="collapsed", persist_state="session",
                              width=420)
        manage(studies[chosen])
        if st.button("New study", icon=":material/add:", key="study_new"):
            begin_new()
    st.session_state[f"{_KEY}_address"] = chosen
    if asked != chosen:
        st.query_params["study"] = chosen
    return studies[chosen]


def begin_new() -> None:
    """Show the ways to a new study."""
    st.query_params["new"] = "yes"
    st.rerun()


def leave_new() -> None:
    """Back to the studies there are."""
    del st.query_params["new"]
    st.rerun()
