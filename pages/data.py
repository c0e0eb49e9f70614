"""Data: what a data set holds, how it is divided, and what the network really sees of it."""

from __future__ import annotations

import streamlit as st

from app.dataview.choosing import audited, choose_dataset, facts, opened, remarks
from app.dataview.copies import copies
from app.dataview.figures import figures
from app.dataview.parts import parts
from app.dataview.seen import seen
from app.dataview.sheet import contact_sheet
from app.frame import heading
from engine.data.loading import source_of

heading("Data")
name, folder, beside = choose_dataset()
dataset = opened(name, folder)
if dataset is None:
    st.stop()
beside.html(facts(dataset, source_of(name, folder)))
remarks(dataset)

VIEWS = {
    "Pictures": lambda: contact_sheet(dataset),
    "What the network sees": lambda: seen(dataset, folder),
    "Parts": lambda: parts(dataset, folder, audited(dataset)),
    "Duplicates": lambda: copies(dataset, audited(dataset)),
    "Statistics": lambda: figures(dataset, audited(dataset)),
}
view = st.segmented_control("View", list(VIEWS), default="Pictures", required=True, key="view", bind="query-params",
                            label_visibility="collapsed")
with st.container(key="data_view"):
    VIEWS[str(view)]()
