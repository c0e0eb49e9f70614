"""Results: a run's metrics, errors and calibration, from its stored predictions."""

from pkgutil import resolve_name

import streamlit as st

from app.kit.choice import choose_run
from app.kit.findings import show_findings
from app.kit.frame import empty, heading
from app.kit.looks import title
from app.kit.navigation import go
from app.kit.store import runs, store
from app.results.evaluation import evaluate_button, evaluation_progress, imported_figures
from app.tasks import view_of

heading("Results")
shown = [run for run in runs() if run.test_score is not None or (run.epoch and not run.is_live)]
if not shown:
    empty("No results yet", "They appear when a run has finished and was evaluated on the test set.", "launch",
          "Launch a run")
    st.stop()

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="results_head"):
    run = choose_run("results", shown)
    view = view_of(run.task)
    with st.container(horizontal=True, width="content"):
        if not run.is_imported:
            evaluate_button(run)
            for action in view.actions:
                resolve_name(action)(run)
            if view.trying and st.button("Try", icon=":material/image_search:"):
                go("try_image", [run.id])
        if st.button("Curves", icon=":material/monitoring:"):
            go("live", [run.id])
        if st.button("Run", icon=":material/article:"):
            go("run", [run.id])
        if st.button("Clone", icon=":material/content_copy:"):
            go("launch", clone=str(run.id))
evaluation_progress(run)
show_findings([run])

evaluations = store().evaluations.of(run.id)
if run.is_imported:
    st.html(f'<div class="dr-head">{title(run)}</div>')
    imported_figures(run, evaluations)
    st.stop()
if not evaluations:
    st.html(f'<div class="dr-head">{title(run)}</div>')
    st.caption("Not evaluated yet: **Evaluate** tests one of its checkpoints.")
    st.stop()
resolve_name(view.results)(run, evaluations)
