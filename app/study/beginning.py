"""The ways to a study: a template, a blank one, a file, results from elsewhere."""

from __future__ import annotations

import streamlit as st

from app.guard import guarded
from app.stored import store
from app.study.choosing import leave_new
from app.study.importing import import_panel
from app.study.naming import free_name
from app.study.turning import turn_to
from engine.study.document import parse_study, study_of
from engine.study.study import Study
from engine.study.templates import TEMPLATES, template
from engine.study.versions import Studies

_SCALED = "For this machine"
_SIZES = {
    _SCALED: "The same factors and hypotheses, with data, models and epochs that fit two cores without a GPU.",
    "As published": "Their authors' settings; most want a GPU, and data that has to be there.",
}
_BLANK = {"factors": {"augmentation": ["default", "weak"]}, "settings": {"dataset": "Digits", "epochs": 10}}


def beginning() -> None:
    """Draw them."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.markdown("Say what you want to find out **before** anything runs: what varies, what is compared, and what "
                    "would count as an answer. Darkroom makes the runs and judges them.", width=760)
        if st.query_params.get("new") and Studies(store()).list() \
                and st.button("Back", icon=":material/arrow_back:", key="study_back"):
            leave_new()
    _others()
    _templates()


def _templates() -> None:
    """A card for each template, at its authors' settings or scaled to this machine."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.subheader("Templates", anchor=False, width="content")
        size = st.segmented_control("Size", list(_SIZES), default=next(iter(_SIZES)), required=True, key="study_size",
                                    label_visibility="collapsed", persist_state="session")
    st.caption(_SIZES[str(size)])
    with st.grid(3, min_column_width=280, key="study_templates"):
        for name, question in TEMPLATES.items():
            with st.container(border=True, height="stretch", key=f"template_{name}"):
                st.markdown(f"**{name}**  \n{question}")
                if st.button("Use", key=f"use_{name}", icon=":material/arrow_forward:"):
                    with guarded():
                        _open(template(name, scaled=size == _SCALED))


def _others() -> None:
    """What needs no template."""
    with st.container(horizontal=True, gap="small"):
        if st.button("Blank study", icon=":material/add:", key="study_blank"):
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
    Studies(store()).save(study)
    turn_to(study, "Declare")
