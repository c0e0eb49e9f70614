"""Results: what a finished run gets right and wrong on the test set, from its stored predictions."""

from __future__ import annotations

import streamlit as st

from app.badges import title
from app.choice import choose_run
from app.frame import empty, heading
from app.navigation import go
from app.results_parts import matrix, metrics_strip, misclassified, per_class, pictures_of_cell, results_of
from app.stored import runs, store

heading("Results")
tested = [run for run in runs() if run.test_accuracy is not None]
if not tested:
    empty("No results yet", "They appear when a run has finished and was tested on the test set.", "launch",
          "Launch a run")
    st.stop()

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    run = choose_run("results", tested)
    with st.container(horizontal=True, width="content"):
        if st.button("Curves", icon=":material/monitoring:"):
            go("live", [run.id])
        if st.button("Clone", icon=":material/content_copy:"):
            go("launch", clone=str(run.id))

results = results_of(str(store().path), run.id, run.revision)
note = f"{len(results.ids):,} {results.split} pictures of {run.config['dataset']} · {results.checkpoint} checkpoint"
st.html(f'<div class="dr-head">{title(run)}<span class="dr-note">{note}</span></div>')
metrics_strip(results)
cell = matrix(run, results)
if cell is None:
    misclassified(run, results)
else:
    pictures_of_cell(run, results, cell)
st.subheader("Per class", anchor=False)
per_class(results)
