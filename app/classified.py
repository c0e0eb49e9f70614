"""A classifier's results: everything below the choice of the run."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.badges import title
from app.calibration import calibration, temperature_of, temperature_toggle
from app.evaluation_choice import choose_evaluation, over_epochs
from app.results_parts import matrix, metrics_strip, misclassified, note, per_class, pictures_of_cell, results_of
from app.stored import store
from engine.store import Evaluation, Run


def classification_results(run: Run, evaluations: Sequence[Evaluation]) -> None:
    """One of a classifier's evaluations: figures, confusion, pictures, calibration."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="chooser"):
        chosen = choose_evaluation(run, evaluations)
        fitted = temperature_of(str(store().path), run.id, run.revision, chosen.conditions)
        scaled = temperature_toggle(chosen, fitted)
    plain = results_of(str(store().path), run.id, run.revision, chosen.conditions)
    results = plain.at_temperature(fitted.value) if fitted and scaled else plain
    st.html(f'<div class="dr-head">{title(run)}<span class="dr-note">{note(run, results)}</span></div>')
    metrics_strip(results, plain)
    over_epochs(run, evaluations, chosen)
    cell = matrix(run, results)
    if cell is None:
        misclassified(run, results)
    else:
        pictures_of_cell(run, results, cell)
    calibration(results, plain, fitted)
    st.subheader("Per class", anchor=False)
    per_class(results)
