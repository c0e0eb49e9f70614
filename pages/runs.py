"""Runs: every run in one table; select some to watch, compare, tag or delete."""

import streamlit as st

from app.kit.dialogs import annotate, confirm_deletion, train_longer
from app.kit.frame import empty, heading
from app.kit.navigation import go
from app.kit.pulse import redraw_on_change
from app.kit.store import existing, runs, store
from app.kit.words import counted
from app.kit.writing import write_button
from app.runs.table import choose_columns, filter_runs, table

version = store().version()
found = runs()
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    heading("Runs")
    if found:
        shown = choose_columns()
if not found:
    empty("No runs yet", "Every run you launch is kept here with its configuration and results.", "launch",
          "Launch a run")
    redraw_on_change("runs_first", version, every=0.5, patience=3600)
    st.stop()

matching = filter_runs(found)
toolbar = st.container(horizontal=True, vertical_alignment="center", gap="small", key="toolbar")
if not matching:
    empty("No run matches", "Clear a filter to see the others.")
    st.stop()
selected = existing(table(matching, shown, key="runs_table"))

with toolbar:
    ids = [run.id for run in selected]
    none = not selected
    if st.button("Watch", icon=":material/monitoring:", disabled=none):
        go("live", ids)
    if st.button("Compare", icon=":material/stacked_line_chart:", disabled=len(ids) < 2):
        go("compare", ids)
    if st.button("Results", icon=":material/grid_on:", disabled=len(ids) != 1 or selected[0].test_score is None):
        go("results", ids)
    if st.button("Clone", icon=":material/content_copy:", disabled=len(ids) != 1):
        go("launch", clone=str(ids[0]))
    if write_button("Train longer", icon=":material/more_time:", disabled=not any(run.is_ended for run in selected)):
        train_longer(selected)
    if write_button("Tag and note", icon=":material/sell:", disabled=none):
        annotate(selected)
    if write_button("Delete", icon=":material/delete:", disabled=none, key="delete"):
        confirm_deletion(selected)
    st.caption(f"{len(ids)} of {len(matching)} selected" if ids else counted(len(matching), "run"),
               width="content")

# Do not refresh while rows are selected: it would move rows under the pointer and close dialogs.
if none:
    redraw_on_change("runs_pulse", version, every=3, patience=3 if any(run.is_live for run in found) else 3600)
