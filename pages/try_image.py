"""Try: one picture, and what a run's model takes it for or finds in it."""

from __future__ import annotations

import streamlit as st

from app import words
from app.choice import choose_run
from app.frame import empty, heading
from app.stored import runs
from app.try_parts import choose_checkpoint
from app.try_views import VIEWS
from app.upkeep import make_jobs_quick
from engine.errors import UserError
from engine.evaluation.kept import kept_checkpoints

heading("Try")
begun = [run for run in runs() if run.epoch and not run.is_imported]
if not begun:
    empty("Nothing to try yet", "A run can be tried as soon as it has trained for an epoch.", "launch", "Launch a run")
    st.stop()

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    run = choose_run("try", begun)
    kept = kept_checkpoints(run)
    checkpoint = choose_checkpoint(run, kept) if kept else ""
if not kept:
    empty("No checkpoint", "This run's checkpoints are gone: choose another run.")
    st.stop()

make_jobs_quick()
with st.container(key="split_try"):
    left, right = st.columns([5, 6], gap="large")
try:
    with left:
        picture = VIEWS[run.task].choose(run)
    with right:
        if picture is None:
            empty("Drop a picture", "Any size, any usual format. It is looked at in a process of its own and not kept.")
        else:
            VIEWS[run.task].show(run, checkpoint, kept[checkpoint], picture)
except UserError as error:
    with right:
        st.error(words.plain(str(error)), icon=":material/error:")
