"""The part of a study's page that moves: how far it is, and in the matrix every cell."""

from __future__ import annotations

import streamlit as st

from app.guard import guarded
from app.pulse import pulse
from app.stored import store
from app.study.failures import failures
from app.study.figures import title_of
from app.study.findings import findings
from app.study.grid import across_by_default, grid
from app.study.reading import matrix_of, reading_of, stamp
from app.study.strip import strip
from app.upkeep import look_after_runs
from engine.catalog.metrics import METRICS, of_studies
from engine.study.matrix import State
from engine.study.outcomes import with_metrics
from engine.study.study import Study

_EVERY = 1.0


@st.fragment
def watch(study: Study, *, with_matrix: bool) -> None:
    """The strip, and below it the matrix if asked; drawn again when something has changed.

    Other views are about what came out: they are drawn again when another run has finished.
    """
    with guarded():
        look_after_runs()
        shown = matrix_of(study)
        busy = bool(shown.counts[State.RUNNING] or shown.counts[State.QUEUED])
        pulse("study_pulse", every=_EVERY, patience=3 if busy else 3600)
        strip(shown)
        if with_matrix:
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                told = st.empty()
                metric, across = _view(study)
            told.caption(f"**{title_of(metric)}**, mean ± standard deviation (runs). A cell opens its curves, a mark "
                         "its run.", width="content")
            reading = reading_of(shown)
            grid(shown, with_metrics(store(), reading.outcomes, [metric]), metric, across, reading.kept_out)
            failures(shown)
            findings(reading)
            return
    ended = stamp(shown)
    if st.session_state.setdefault("study_ended", ended) != ended:
        st.session_state["study_ended"] = ended
        st.rerun()


def _view(study: Study) -> tuple[str, list[str]]:
    """The figure in the cells, and the factors across."""
    factors = {factor.name: factor.labels for factor in study.varied}
    with st.popover("View", icon=":material/tune:"):
        metric = st.selectbox("Figure", list(of_studies()), list(of_studies()).index(study.metric),
                              format_func=lambda name: METRICS[name].title, key=f"study_figure_{study.name}")
        across = st.multiselect("Across", list(factors), across_by_default(factors), key=f"study_across_{study.name}",
                                format_func=lambda name: name.replace("_", " "))
    return metric, across
