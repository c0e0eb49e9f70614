"""Data: what a data set holds, how it is divided, and what the network really sees of it."""

from __future__ import annotations

import streamlit as st

from app.dataview.choosing import choose_dataset, opened, remarks
from app.dataview.views import DATA_VIEWS, FIRST
from app.frame import heading
from engine.data.loading import source_of
from engine.tasks import task_name

heading("Data")
name, folder, beside = choose_dataset()
shown = DATA_VIEWS[task_name(name)]
dataset = opened(name, folder, shown.load)
if dataset is None:
    st.stop()
beside.html(shown.facts(dataset, source_of(name, folder)))
remarks(dataset)

if st.session_state.get("view", FIRST) not in shown.views:
    st.session_state["view"] = FIRST
view = st.segmented_control("View", list(shown.views), default=FIRST, required=True, key="view", bind="query-params",
                            label_visibility="collapsed")
with st.container(key="data_view"):
    shown.views[str(view)](dataset, folder)
