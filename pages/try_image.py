"""Try: one picture, and what a run's model takes it for or finds in it."""

from pkgutil import resolve_name

import streamlit as st

from app.kit import words
from app.kit.choice import choose_checkpoint, choose_run
from app.kit.frame import empty, heading
from app.kit.store import make_jobs_quick, runs
from app.tasks import view_of
from engine.errors import UserError
from engine.evaluation.checkpoints import list_checkpoints

heading("Try")
begun = [run for run in runs() if run.epoch and not run.is_imported]
if not begun:
    empty("Nothing to try yet", "A run can be tried as soon as it has trained for an epoch.", "launch", "Launch a run")
    st.stop()

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    run = choose_run("try", begun)
    kept = list_checkpoints(run)
    checkpoint = choose_checkpoint(run, kept) if kept else ""
view = view_of(run.task)
if not view.trying:
    empty("Not to be tried", "Pictures of your own cannot be given to runs of this kind yet.", "results",
          "Open the results")
    st.stop()
if not kept:
    empty("No checkpoint", "This run's checkpoints are gone: choose another run.")
    st.stop()

make_jobs_quick()
with st.container(key="split_try"):
    left, right = st.columns([5, 6], gap="large")
try:
    with left:
        show_answer = resolve_name(view.trying)(run)
    with right:
        if show_answer is None:
            empty("Drop a picture", "Any size, any usual format. It is looked at in a process of its own and not kept.")
        else:
            show_answer(checkpoint, kept[checkpoint])
except UserError as error:
    with right:
        st.error(words.plain(str(error)), icon=":material/error:")
