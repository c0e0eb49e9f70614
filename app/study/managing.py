"""A study as a whole: taken along as YAML, copied, deleted."""

from __future__ import annotations

import streamlit as st

from app.guard import guarded
from app.navigation import go
from app.stored import store
from app.study.naming import free_name
from app.study.turning import turn_to
from engine.errors import UserError
from engine.study.document import dump_study
from engine.study.study import Study
from engine.study.versions import Studies


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
