"""A detector's results: everything below the choice of the run."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from app.badges import title
from app.detected.curves import curves, per_class
from app.detected.errors import errors
from app.detected.figures import coco_figures, view_figures
from app.detected.matrix import matrix
from app.detected.thresholds import choose_view, results_of
from app.evaluation_choice import choose_evaluation, over_epochs
from app.guard import guarded
from app.stored import store
from engine.evaluation.box_results import DetectionResults
from engine.evaluation.conditions import SPLITS, checkpoint_in_words
from engine.store import Evaluation, Run


def detection_results(run: Run, evaluations: Sequence[Evaluation]) -> None:
    """One of a detector's evaluations: its figures, and at thresholds its errors."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="chooser"):
        chosen = choose_evaluation(run, evaluations)
    results = results_of(str(store().path), run.id, run.revision, chosen.conditions)
    st.html(f'<div class="dr-head">{title(run)}<span class="dr-note">{_note(run, results)}</span></div>')
    coco_figures(run, results)
    over_epochs(run, evaluations, chosen)
    _at_thresholds(run, results)


@st.fragment
def _at_thresholds(run: Run, results: DetectionResults) -> None:
    """All that a threshold changes, drawn again without the rest of the page."""
    with guarded():
        view = choose_view(run, results)
        view_figures(view)
        matrix(run, view)
        errors(run, view, results)
        curves(run, results, view)
        st.subheader("Per class", anchor=False)
        per_class(view)


def _note(run: Run, results: DetectionResults) -> str:
    """What is shown, in a line."""
    conditions = results.evaluation.conditions
    pictures = f"{conditions.dataset} {conditions.data_path}".strip() or str(run.config["dataset"])
    truth, split = results.predictions.truth, SPLITS[conditions.split].split()[0].lower()
    return escape(f"{len(truth):,} objects in {truth.pictures:,} {split} pictures of {pictures} · "
                  f"{checkpoint_in_words(results.evaluation)}")
