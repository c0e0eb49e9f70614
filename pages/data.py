"""Data: the pictures of a data set, its splits, and the batches that the network gets."""

from pkgutil import resolve_name

import streamlit as st

from app.data.choice import choose_dataset, open_dataset, show_notes
from app.data.stores import show_stores
from app.kit.address import remember
from app.kit.frame import empty, heading
from app.tasks import view_of
from engine.data.loading import source_of
from engine.tasks import task_name

heading("Data")
name, folder, beside = choose_dataset()
shown = view_of(task_name(name))
if not shown.data:
    empty("No view of this data yet", f"Runs can be trained on {name}, but it cannot be shown here.", "launch",
          "Launch a run")
    st.stop()
dataset = open_dataset(name, folder, resolve_name(shown.load))
if dataset is None:
    st.stop()
beside.html(resolve_name(shown.facts)(dataset, source_of(name, folder)))
show_notes(dataset)

remember("view", "data_shown", next(iter(shown.data)), shown.data)
view = st.segmented_control("View", list(shown.data), required=True, key="data_shown", label_visibility="collapsed",
                            persist_state="session")
with st.container(key="data_view"):
    resolve_name(shown.data[str(view)])(dataset, folder)
show_stores()
