"""The ensemble section of Compare: what averaging the predictions of the selected runs gains, and how they differ."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from app.compare.pair import show_refusal
from app.kit import words
from app.kit.address import remember
from app.kit.choice import MOST
from app.kit.columns import PERCENT, column_value, number_column
from app.kit.frame import definitions
from app.kit.looks import label
from app.kit.store import store
from engine.analysis.ensemble import WEIGHTINGS, Ensemble, combine, load_members
from engine.catalog.metric import Metric, Shown
from engine.catalog.metrics import computed_metrics, metrics_shown
from engine.errors import UserError
from engine.store import Run
from engine.tasks import TASKS

_CC = st.column_config
_DISAGREEMENT = "Disagreement"
_MATRICES = {_DISAGREEMENT: "Share of the test pictures that the two runs classify differently.",
             "Shared errors": "Of the pictures that at least one of the two misclassifies, the share that both "
                              "misclassify. The lower it is, the more an ensemble can gain."}


def ensemble(runs: Sequence[Run]) -> None:
    """Draw the section; nothing if no task of the runs averages predictions."""
    if not any(TASKS[run.task].averages for run in runs):
        return
    st.subheader("Ensemble", anchor=False)
    tested = [run for run in runs if run.test_accuracy is not None and not run.is_imported]
    if len(tested) < 2:
        st.caption("An ensemble needs two classifiers or more with stored test predictions; imported runs have none.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        by_id = {str(run.id): run for run in tested}
        key = f"ensemble_members_{'_'.join(by_id)}"
        remember("members", key, tuple(by_id)[:MOST], by_id)
        members = st.multiselect("Members", list(by_id), key=key, persist_state="session",
                                 format_func=lambda run_id: label(by_id[run_id]))
        remember("weights", "ensemble_weights", next(iter(WEIGHTINGS)), WEIGHTINGS)
        weighting = str(st.segmented_control("Weights", list(WEIGHTINGS), required=True, format_func=str.capitalize,
                                             key="ensemble_weights", persist_state="session"))
    st.caption(f"{WEIGHTINGS[weighting]} Uses the stored predictions of each run's best checkpoint.")
    try:
        made = _combine(str(store().path), tuple((int(run_id), by_id[run_id].revision) for run_id in members),
                         weighting)
    except UserError as error:
        show_refusal(error)
        return
    _show(made)


@st.cache_resource(show_spinner=False, max_entries=8)
def _combine(path: str, members: tuple[tuple[int, int], ...], weighting: str) -> Ensemble:
    """Return the ensemble, cached until a member changes."""
    return combine(load_members(store(), [store().runs.get(run_id) for run_id, _ in members]), weighting)


def _show(made: Ensemble) -> None:
    gain, best, alone = made.gain(), made.members[made.best].run, made.of_members[made.best]
    with st.container(key="split_ensemble"):
        left, right = st.columns([3, 2], gap="large")
    with left:
        _table(made)
    with right:
        definitions((
            ("Ensemble", words.percent(made.metrics["top1"]), ""),
            ("Best member", words.percent(alone["top1"]), f"#{best.id}"),
            ("Gain", words.points(gain.value), f"{gain.level:.0%} confidence interval {words.points(gain.low)} to "
             f"{words.points(gain.high)}: {gain.verdict} on these pictures")))
        remember("between", "ensemble_matrix", _DISAGREEMENT, _MATRICES)
        which = str(st.segmented_control("Between members", list(_MATRICES), required=True, key="ensemble_matrix",
                                         label_visibility="collapsed", persist_state="session"))
        _matrix(made, made.disagreement if which == _DISAGREEMENT else made.error_overlap)
        st.caption(_MATRICES[which])


def _table(made: Ensemble) -> None:
    rows: list[dict[str, Any]] = [
        {"Run": label(member.run), "Weight": weight, **_figures(made, metrics)}
        for member, weight, metrics in zip(made.members, made.weights, made.of_members, strict=True)]
    data = pd.DataFrame([*rows, {"Run": "Ensemble", "Weight": None, **_figures(made, made.metrics)}])
    styled = data.style.apply(lambda row: ["font-weight: 700" if row["Run"] == "Ensemble" else ""] * len(row), axis=1)
    st.dataframe(styled, hide_index=True, placeholder=words.DASH, column_config={
        "Weight": _CC.NumberColumn(format="%.3f"), **{row.heading: number_column(row) for row in _rows(made).values()}})


def _rows(made: Ensemble) -> dict[str, Metric]:
    return metrics_shown(Shown.FEW, computed_metrics(made.members[0].run.task))


def _figures(made: Ensemble, metrics: dict[str, float]) -> dict[str, float | None]:
    return {row.heading: column_value(row, metrics.get(key)) for key, row in _rows(made).items()}


def _matrix(made: Ensemble, values: NDArray[np.float64]) -> None:
    names = [f"#{member.run.id}" for member in made.members]
    shown = pd.DataFrame(100 * values, columns=names)
    for place in range(len(names)):
        shown.iat[place, place] = np.nan
    shown.insert(0, "", names)
    st.dataframe(shown, hide_index=True, placeholder=words.DASH,
                 column_config={name: _CC.NumberColumn(format=PERCENT) for name in names})
