"""The thresholds at which a detector's results are shown, and the results there."""

from __future__ import annotations

import streamlit as st

from app.stored import store
from engine.boxes.predictions import HIGHEST_NMS, LOWEST_SCORE
from engine.evaluation.box_results import DetectionResults, Suppressed, View, load_detection_results, own_nms, own_score
from engine.store import Conditions, Run

_OVERLAP = 0.5


@st.cache_resource(show_spinner=False, max_entries=8)
def results_of(path: str, run_id: int, revision: int, conditions: Conditions) -> DetectionResults:
    """A run's results, read again only after the run has changed."""
    return load_detection_results(store(), store().runs.get(run_id), conditions)


@st.cache_resource(show_spinner=False, max_entries=24)
def _suppressed(key: tuple[object, ...], nms: float, by_genus: bool, _results: DetectionResults) -> Suppressed:
    return _results.suppressed(nms, by_genus)


@st.cache_resource(show_spinner=False, max_entries=64)
def _view(key: tuple[object, ...], score: float, overlap: float, _suppressed: Suppressed) -> View:
    return _suppressed.at(score, overlap)


def choose_view(run: Run, results: DetectionResults) -> View:
    """Sliders for score, overlap and suppression, a switch for the genus, and the results there."""
    key = (str(store().path), run.id, run.revision, results.evaluation.conditions)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="thresholds"):
        score = _slider("Score", f"score_{run.id}", LOWEST_SCORE, 1.0, 0.01, own_score(run),
                        "Only boxes that are this sure count.")
        overlap = _slider("Overlap (IoU)", f"overlap_{run.id}", 0.1, 0.95, 0.05, _OVERLAP,
                          "A box covers an object if they overlap by this or more.")
        nms = _slider("NMS", f"nms_{run.id}", 0.05, HIGHEST_NMS, 0.05, own_nms(run),
                      "Of two boxes of one class that overlap by more than this, the less sure one goes. The run's own "
                      f"figures use {own_nms(run):g}.")
        genus = results.has_genera and st.toggle(
            "By genus", key=f"genus_{run.id}", persist_state="session",
            help="Put together the classes whose names begin with the same word: another species of the right genus "
                 "counts as right.")
        suppressed = _suppressed(key, nms, genus, results)
        best = suppressed.best_score(overlap)
        st.button(f"Best F1 at {best:.2f}", type="tertiary", icon=":material/tune:", disabled=score == best,
                  key=f"best_score_{run.id}", on_click=_set, args=(f"score_{run.id}", best),
                  help="The score at which precision and recall together are best on these pictures.")
    return _view((*key, nms, genus), score, overlap, suppressed)


def _set(key: str, value: float) -> None:
    st.session_state[key] = value


def _slider(label: str, key: str, low: float, high: float, step: float, default: float, help: str) -> float:
    if key not in st.session_state:
        st.session_state[key] = min(max(round(round(default / step) * step, 2), low), high)
    return float(st.slider(label, low, high, step=step, key=key, help=help, width=230, persist_state="session"))
