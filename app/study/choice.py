"""Which study the page is about, at which view, and what is done with it as a whole: launched, copied, deleted."""

from itertools import count
from typing import NoReturn

import streamlit as st

from app.kit.guard import guarded
from app.kit.navigation import go
from app.kit.store import store
from app.kit.words import plain
from app.study.draft import discard
from engine.errors import UserError
from engine.study.document import dump_study
from engine.study.launch import launch
from engine.study.study import Study
from engine.study.versions import Studies

_TURN = "study_turn"
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


def turn_to(study: Study, view: str) -> NoReturn:
    """Draw the page anew, with this study at this view."""
    st.session_state[_TURN] = view
    go("study", study=study.name)


def turned() -> None:
    """Before the views are drawn: choose the one that was turned to."""
    if view := st.session_state.pop(_TURN, ""):
        st.session_state["view"] = view


def start(study: Study) -> NoReturn:
    """Launch, and draw the page anew at the matrix.

    Raises:
        UserError: the study cannot be launched.
    """
    launch(store(), study)
    discard()
    turn_to(study, "Matrix")


def manage(study: Study) -> None:
    """The panel behind the three dots."""
    with st.popover(":material/more_horiz:", key="study_manage", help="Copy, take along, delete"):
        st.download_button("YAML", dump_study(study, commented=True), f"{study.name}.yaml", "application/yaml",
                           icon=":material/download:", key="study_yaml_file", on_click="ignore", width="stretch")
        name = st.text_input("Copy under the name", free_name(study.name), key=f"study_copy_{study.name}")
        if st.button("Copy", icon=":material/content_copy:", key="study_copy", width="stretch"):
            with guarded():
                turn_to(copied(study, name), "Declare")
        if st.button("Delete", icon=":material/delete:", key="study_delete", width="stretch"):
            confirm_deletion(study)


def copied(study: Study, name: str) -> Study:
    """A study like it under another name, which is saved.

    Raises:
        UserError: the name is taken, or none.
    """
    name = name.strip()
    if not name or name in {other.name for other in Studies(store()).list()}:
        raise UserError(f"name: {name!r} is taken" if name else "name: is empty; the copy needs one")
    copy = Study.model_validate({**study.model_dump(), "name": name})
    Studies(store()).save(copy)
    return copy


@st.dialog("Delete the study")
def confirm_deletion(study: Study) -> None:
    """Ask once more; runs stay."""
    st.write("What was declared is forgotten, with its earlier versions. Its runs stay on the Runs page.")
    if st.button("Delete", type="primary", key="study_delete_surely"):
        with guarded():
            Studies(store()).delete(study.name)
            go("study")


def free_name(name: str) -> str:
    """The name, with a number after it if there is a study called that."""
    taken = {study.name for study in Studies(store()).list()}
    return name if name not in taken else next(other for number in count(2)
                                               if (other := f"{name}-{number}") not in taken)
