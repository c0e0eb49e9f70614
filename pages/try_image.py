"""Try: the predictions of a run's model for one picture."""

from pkgutil import resolve_name

import streamlit as st

from app.kit import words
from app.kit.choice import choose_checkpoint, choose_run
from app.kit.frame import empty, heading
from app.kit.store import runs, warm_up_jobs
from app.tasks import view_of
from engine.errors import UserError
from engine.evaluation.checkpoints import list_checkpoints

heading("Try")
trained = [run for run in runs() if run.epoch and not run.is_imported]
if not trained:
    empty("Nothing to try yet", "A run can be tried as soon as it has trained for an epoch.", "launch", "Launch a run")
    st.stop()

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    run = choose_run("try", trained)
    kept = list_checkpoints(run)
    checkpoint = choose_checkpoint(run, kept) if kept else ""
view = view_of(run.task)
if not view.trying:
    empty("Not available", "Runs of this task cannot be tried on single pictures yet.", "results",
          "Open the results")
    st.stop()
if not kept:
    empty("No checkpoint", "This run's checkpoints were deleted: choose another run.")
    st.stop()

warm_up_jobs()
with st.container(key="split_try"):
    left, right = st.columns([5, 6], gap="large")
try:
    with left:
        show_answer = resolve_name(view.trying)(run)
    with right:
        if show_answer is None:
            empty("Drop a picture", "Any size, any common format. A separate process reads it; it is not stored.")
        else:
            show_answer(checkpoint, kept[checkpoint])
except UserError as error:
    with right:
        st.error(words.plain(str(error)), icon=":material/error:")
