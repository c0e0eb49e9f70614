"""Results: what a run gets right and wrong, and how surely, from its stored predictions."""

from __future__ import annotations

import streamlit as st

from app.badges import title
from app.calibration import calibration, temperature_of, temperature_toggle
from app.choice import choose_run
from app.evaluating import evaluate_button, evaluation_progress
from app.evaluation_choice import choose_evaluation, over_epochs
from app.export_button import export_button
from app.frame import empty, heading
from app.navigation import go
from app.results_parts import matrix, metrics_strip, misclassified, note, per_class, pictures_of_cell, results_of
from app.stored import runs, store

heading("Results")
shown = [run for run in runs() if run.test_accuracy is not None or (run.epoch and not run.is_live)]
if not shown:
    empty("No results yet", "They appear when a run has finished and was tested on the test set.", "launch",
          "Launch a run")
    st.stop()

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="results_head"):
    run = choose_run("results", shown)
    with st.container(horizontal=True, width="content"):
        evaluate_button(run)
        with st.container(width="content"):
            export_button(run)
        if st.button("Try", icon=":material/image_search:"):
            go("try_image", [run.id])
        if st.button("Curves", icon=":material/monitoring:"):
            go("live", [run.id])
        if st.button("Clone", icon=":material/content_copy:"):
            go("launch", clone=str(run.id))
evaluation_progress(run)

evaluations = store().evaluations.of(run.id)
if not evaluations:
    st.html(f'<div class="dr-head">{title(run)}</div>')
    st.caption("Not evaluated yet: **Evaluate** tests a checkpoint that it has kept.")
    st.stop()
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
