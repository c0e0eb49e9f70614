"""The declaration, as a form or as YAML, with what it would take beside it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.stored import store
from app.study.before import before
from app.study.draft import Draft, Meant, discard, draft_of, keep, meant, typed, written
from app.study.form import form
from app.words import plain
from engine.study.study import Study
from engine.study.versions import Studies

_HEIGHT = 620


def form_or_yaml() -> None:
    """Let it be chosen how the declaration is shown."""
    st.segmented_control("As", ["Form", "YAML"], default="Form", required=True, key="study_as",
                         label_visibility="collapsed", persist_state="session")


def declare(study: Study) -> None:
    """Draw the view."""
    draft = draft_of(study)
    with st.container(key="split_study"):
        left, right = st.columns([2.4, 1], gap="large")
    with left:
        as_yaml = st.session_state.get("study_as") == "YAML" or draft.text is not None
        draft = _as_yaml(draft) if as_yaml else _as_form(draft)
    with right, st.container(key="study_aside", border=True):
        said = meant(draft)
        if said.study != study:
            _save(draft, said)
        if said.study is None:
            st.caption(f":red[:material/error: {plain(said.mistake)}]")
        elif said.study.seeds:
            before(said.study)
        else:
            st.caption("Results from elsewhere: there is nothing to launch. Say under **Hypotheses** what they are to "
                       "show.")


def _as_form(draft: Draft) -> Draft:
    return keep(replace(draft, declared=form(draft)))


def _as_yaml(draft: Draft) -> Draft:
    """The declaration as text; a text that is no study stays as it is typed, and is told as the mistake it is."""
    shown = written(draft) if draft.text is None else draft.text
    text = st.text_area("YAML", shown, key=f"{draft.key}_yaml", height=_HEIGHT, label_visibility="collapsed")
    return draft if text == shown else typed(draft, text)


def _save(draft: Draft, said: Meant) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":orange[●] Not saved", width="content")
        if st.button("Save", key="study_save", disabled=said.study is None) and said.study is not None:
            Studies(store()).save(said.study)
            discard()
            st.rerun()
        st.button("Discard", key="study_discard", type="tertiary", on_click=discard)
