"""Choosing the study and its view; launching, copying and deleting a study."""

from itertools import count
from typing import NoReturn

import streamlit as st

from app.kit.guard import guarded
from app.kit.navigation import go
from app.kit.store import store
from app.kit.words import plain
from app.kit.writing import write_button
from app.study.draft import discard
from engine.errors import UserError
from engine.study.document import dump_study
from engine.study.launch import launch
from engine.study.study import Study
from engine.study.versions import Studies

_REQUESTED_VIEW = "study_turn"
_KEY = "study"


def choose_study() -> Study | None:
    """Choose a study; return None if there is none, or a new one is being started."""
    studies = {study.name: study for study in Studies(store()).list()}
    requested = st.query_params.get("study", "")
    if not studies or st.query_params.get("new"):
        return None
    if requested and requested not in studies:
        st.caption(f":orange[:material/link_off: There is no study {plain(requested[:80])}.]")
    if requested in studies and requested != st.session_state.get(f"{_KEY}_address"):
        st.session_state[_KEY] = requested
    elif st.session_state.get(_KEY) not in studies:
        st.session_state[_KEY] = next(iter(studies))
    with st.container(horizontal=True, vertical_alignment="center", key="study_choice", width="content"):
        chosen = st.selectbox("Study", list(studies), key=_KEY, label_visibility="collapsed", persist_state="session",
                              width=420)
        manage(studies[chosen])
        if st.button("New study", icon=":material/add:", key="study_new"):
            begin_new()
    st.session_state[f"{_KEY}_address"] = chosen
    if requested != chosen:
        st.query_params["study"] = chosen
    return studies[chosen]


def begin_new() -> None:
    """Show the sources of a new study."""
    st.query_params["new"] = "yes"
    st.rerun()


def leave_new() -> None:
    """Go back to the existing studies."""
    del st.query_params["new"]
    st.rerun()


def open_view(study: Study, view: str) -> NoReturn:
    """Rerun the page with this study at this view."""
    st.session_state[_REQUESTED_VIEW] = view
    go("study", study=study.name)


def select_requested_view() -> None:
    """Select the view that :func:`open_view` requested; call this before the views are drawn."""
    if view := st.session_state.pop(_REQUESTED_VIEW, ""):
        st.session_state["view"] = view


def start(study: Study) -> NoReturn:
    """Launch the study and open its matrix.

    Raises:
        UserError: the study cannot be launched.
    """
    launch(store(), study)
    discard()
    open_view(study, "Matrix")


def manage(study: Study) -> None:
    """Draw the menu that downloads, copies and deletes a study."""
    with st.popover("Download, copy, delete", icon=":material/more_horiz:", key="icon_study_manage"):
        st.download_button("YAML", dump_study(study, commented=True), f"{study.name}.yaml", "application/yaml",
                           icon=":material/download:", key="study_yaml_file", on_click="ignore", width="stretch")
        name = st.text_input("Copy under the name", free_name(study.name), key=f"study_copy_{study.name}")
        if st.button("Copy", icon=":material/content_copy:", key="study_copy", width="stretch"):
            with guarded():
                open_view(copy_study(study, name), "Declare")
        if write_button("Delete", icon=":material/delete:", key="study_delete", width="stretch"):
            confirm_deletion(study)


def copy_study(study: Study, name: str) -> Study:
    """Save a copy of the study under another name.

    Raises:
        UserError: the name is empty or taken.
    """
    name = name.strip()
    if not name or name in {other.name for other in Studies(store()).list()}:
        raise UserError(f"name: {name!r} is taken; choose another" if name else "name: is empty; the copy needs one")
    copy = Study.model_validate({**study.model_dump(), "name": name})
    Studies(store()).save(copy)
    return copy


@st.dialog("Delete the study")
def confirm_deletion(study: Study) -> None:
    """Delete a study after confirmation, without its runs."""
    st.write("The declaration and its earlier versions are deleted. The runs stay on the Runs page.")
    if st.button("Delete", type="primary", key="study_delete_surely"):
        with guarded():
            Studies(store()).delete(study.name)
            go("study")


def free_name(name: str) -> str:
    """Return the name, with a number appended if it is taken."""
    taken = {study.name for study in Studies(store()).list()}
    return name if name not in taken else next(other for number in count(2)
                                               if (other := f"{name}-{number}") not in taken)
