"""The ways to a study: a template, a blank one, a file, results from elsewhere."""

from __future__ import annotations

import streamlit as st

from app.guard import guarded
from app.navigation import go
from app.stored import store
from app.study.choosing import leave_new
from app.study.importing import import_panel
from app.study.naming import free_name
from engine.study.document import parse_study, study_of
from engine.study.study import Study

_BLANK = {"factors": {"augmentation": ["default", "weak"]}, "settings": {"dataset": "Digits", "epochs": 10}}


def beginning() -> None:
    """Draw them."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.markdown("Say what you want to find out **before** anything runs: what varies, what is compared, and what "
                    "would count as an answer. Darkroom makes the runs and judges them.", width=760)
        if st.query_params.get("new") and store().studies.list() \
                and st.button("Back", icon=":material/arrow_back:", key="study_back"):
            leave_new()
    _others()


def _others() -> None:
    """What needs no template."""
    with st.container(horizontal=True, gap="small"):
        if st.button("Blank study", icon=":material/add:", type="primary", key="study_blank"):
            with guarded():
                _open(study_of({"name": "my-study", **_BLANK}))
        with st.popover("From a YAML file", icon=":material/upload_file:", key="study_upload"):
            file = st.file_uploader("A study's YAML", ["yaml", "yml"], key="study_file")
            if file is not None and st.button("Open", type="primary", key="study_file_open"):
                with guarded():
                    _open(parse_study(file.getvalue().decode(errors="replace")))
        with st.popover("From results elsewhere", icon=":material/move_to_inbox:", key="study_import"):
            import_panel()


def _open(study: Study) -> None:
    """Keep the study under a free name and show its declaration."""
    study = study_of({**study.model_dump(), "name": free_name(study.name)})
    store().studies.save(study)
    go("study", study=study.name, view="Declare")
