"""Runs: every run in one table; select some to watch, compare, steer, tag or delete."""

import streamlit as st

from app.kit.frame import empty, heading
from app.kit.pulse import redraw_on_change
from app.kit.store import existing, runs, store
from app.kit.words import counted
from app.runs.actions import keep, look, steer, trash_button
from app.runs.changes import tell_changes
from app.runs.columns import choose_columns
from app.runs.filters import filter_runs
from app.runs.marks import marked
from app.runs.saved import saved_views
from app.runs.views import choose_view, draw

version = store().version()
found = runs()
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    heading("Runs")
    with st.container(horizontal=True, width="content", vertical_alignment="center"):
        chip = st.container(width="content")
        trash_button()
        if found:
            view = choose_view()
            saved_views()
            shown = choose_columns()
if not found:
    empty("No runs yet", "Every run you launch is kept here with its configuration and results.", "launch",
          "Launch a run")
    redraw_on_change("runs_first", version, every=0.5, patience=3600)
    st.stop()

matching = filter_runs(found)
toolbar = st.container(horizontal=True, vertical_alignment="center", gap="small", key="toolbar")
if not matching:
    empty("No run matches", "Clear a filter to see the others." if any(not run.archived_at for run in found) else
          "All runs are archived: turn on Archived to see them.")
    st.stop()
marks, complete = marked(matching)
selected = existing(draw(view, matching, shown, marks))

with toolbar:
    look(selected)
    steer(selected)
    keep(selected)
    st.caption(f"{len(selected)} of {len(matching)} selected" if selected else counted(len(matching), "run"),
               width="content")

if selected:
    with chip:
        tell_changes(found)
# Ticked rows stay where they are, and dialogs open, until the page is drawn again.
if not selected:
    redraw_on_change("runs_pulse", version, every=3 if complete else 0.5,
                     patience=3 if any(run.is_live for run in found) else 3600)
