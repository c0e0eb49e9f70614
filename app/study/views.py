"""The views of a study: Declare, Matrix, Verdicts, Checkpoints, Tables, Report."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from app.kit.address import remember
from app.kit.navigation import go
from app.study.choice import select_requested_view
from app.study.declaration import declare, form_or_yaml
from app.study.progress import watch
from app.study.ranking import ranking, seal
from app.study.reading import checkpoints_of, matrix_of, reading_of
from app.study.report import report, tables
from app.study.verdicts import verdicts
from engine.analysis.checkpoint_pairs import CheckpointPair
from engine.analysis.judging.numbers import bare, probability
from engine.catalog.metrics import METRICS
from engine.study.matrix import State
from engine.study.study import Study
from engine.tasks import TASKS

_ACCURACY = METRICS["top1"]
_KEPT_OUT = "†"
_RIGHT = st.column_config.TextColumn(alignment="right")


def checkpoints(pairs: Sequence[CheckpointPair], kept_out: Collection[int]) -> None:
    """Draw a row for each pair of runs; the selected one links to their errors."""
    st.caption("**Checkpoints**, not recipes: pairs of trained models with one seed on the same test pictures. Exact "
               "McNemar test and 95 % confidence interval over pictures, for each pair and without correction. "
               "Another seed may give another result: for recipes see **Verdicts**.")
    if not pairs:
        st.caption("Nothing to compare yet: this needs two finished runs with one seed and stored predictions, from "
                   "cells that a hypothesis compares.")
        return
    aligned = dict.fromkeys(("Difference, points", "95 % interval", "p (McNemar)"), _RIGHT)
    chosen = st.dataframe(_rows(pairs, kept_out), hide_index=True, key="study_checkpoints", on_select="rerun",
                          selection_mode="single-row", column_config=aligned)
    if any({pair.before.id, pair.after.id} & set(kept_out) for pair in pairs):
        st.caption(f"{_KEPT_OUT} Excluded from verdicts by a serious finding, see **Matrix**.")
    picked = chosen["selection"]["rows"]
    if not picked:
        st.caption("Select a row to see the fixed and the broken pictures.")
        return
    pair = pairs[picked[0]]
    if st.button("Compare their errors", icon=":material/stacked_line_chart:", key="study_errors"):
        go("compare", [pair.before.id, pair.after.id])


def _rows(pairs: Sequence[CheckpointPair], kept_out: Collection[int]) -> pd.DataFrame:
    return pd.DataFrame([{
        "Checkpoints": pair.title, "Seed": pair.seed,
        "Runs": " − ".join(f"#{run.id}{_KEPT_OUT * (run.id in kept_out)}" for run in (pair.after, pair.before)),
        "Difference, points": _points(pair.found.gain.value),
        "95 % interval": f"{_points(pair.found.gain.low)} to {_points(pair.found.gain.high)}",
        "Fixed": pair.found.fixed, "Broken": pair.found.broken, "Both wrong": pair.found.both_wrong,
        "p (McNemar)": probability(pair.found.p).removeprefix("= "), "Pictures": pair.found.pictures,
    } for pair in pairs])


def _points(value: float) -> str:
    return bare(value, _ACCURACY, 2)


View = Callable[[Study], None]


def style() -> None:
    """Add the styles that the theme does not cover."""
    st.html(Path(__file__).with_name("style.css"))


def _tables(study: Study) -> None:
    watch(study, with_matrix=False)
    reading = reading_of(matrix_of(study))
    tables(study, reading.outcomes, reading.kept_out)


def _verdicts(study: Study) -> None:
    watch(study, with_matrix=False)
    shown = matrix_of(study)
    reading = reading_of(shown)
    verdicts(reading)
    ranking(reading.ranking)
    seal(shown)


def _checkpoints(study: Study) -> None:
    watch(study, with_matrix=False)
    shown = matrix_of(study)
    done = shown.runs(State.DONE)
    if done and not any(TASKS[run.task].one_class_a_picture for run in done):
        st.caption("Checkpoints are compared picture by picture for classification only. Other tasks are judged across "
                   "seeds, see **Verdicts**; their errors are on the Results page.")
        return
    checkpoints(checkpoints_of(shown), reading_of(shown).kept_out)


VIEWS: dict[str, View] = {
    "Declare": declare,
    "Matrix": lambda study: watch(study, with_matrix=True),
    "Verdicts": _verdicts,
    "Checkpoints": _checkpoints,
    "Tables": _tables,
    "Report": report,
}


def choose_view(study: Study) -> None:
    """Choose a view and draw it; a launched study opens at its matrix."""
    select_requested_view()
    begun = matrix_of(study).counts[State.MISSING] < len(matrix_of(study).entries)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        remember("view", "view", "Matrix" if begun else "Declare", VIEWS)
        view = st.segmented_control("View", list(VIEWS), required=True, key="view", label_visibility="collapsed",
                                    persist_state="session")
        if view == "Declare":
            form_or_yaml()
    VIEWS[str(view)](study)
