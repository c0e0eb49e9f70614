"""Slices: a metric on parts of the test pictures, and which parts are worse than the rest."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.kit import words
from app.kit.address import remember
from app.kit.columns import column_value, number_column
from app.kit.guard import guarded
from app.kit.slices import choose_slices
from engine.analysis.slices import LEAST, SliceRow, name_worst, slice_rows
from engine.catalog.metrics import METRICS, evaluation_metrics
from engine.evaluation.metrics import Ints
from engine.evaluation.slices import Slicing
from engine.store import Evaluation, Run
from engine.tasks import TASKS

_CC = st.column_config


@st.fragment
def slices_section(run: Run, evaluation: Evaluation, ids: Ints, measured: Any, *own: Slicing) -> None:
    """Draw a metric of each slice, the worst first.

    Args:
        measured: what the functions of the task's metrics take.
        own: slices besides those of the pictures, as by class.
    """
    with guarded():
        _section(run, evaluation, ids, measured, own)


def _section(run: Run, evaluation: Evaluation, ids: Ints, measured: Any, own: Sequence[Slicing]) -> None:
    st.subheader("Slices", anchor=False, help=f"Slices of fewer than {LEAST} pictures are left out.")
    metrics = [key for key, row in evaluation_metrics(run.task).items() if row.by_picture]
    with st.container(horizontal=True, vertical_alignment="bottom", key="slices_head"):
        remember("metric", f"slices_{run.id}", TASKS[run.task].test_score, metrics)
        key: str = st.selectbox("Metric", metrics, key=f"slices_{run.id}", persist_state="session",
                                format_func=lambda each: METRICS[each].title, width=240)
        with st.container(width="content"):
            slices = choose_slices(run, evaluation, ids)
    rows = slice_rows(measured, key, (*own, *slices.found))
    if not rows:
        st.caption("There is nothing to divide these pictures by.")
        return
    for line in name_worst(rows, key):
        st.markdown(words.plain(line))
    _table(rows, key)


def _table(rows: Sequence[SliceRow], key: str) -> None:
    metric = METRICS[key]
    data = pd.DataFrame([
        {"Slice": f"{row.slicing}: {row.group}", "Pictures": row.pictures, "Value": column_value(metric, row.value),
         "From": column_value(metric, row.low), "To": column_value(metric, row.high),
         "The rest": column_value(metric, row.rest), "p": words.p_value(row.p).removeprefix("= ")} for row in rows])
    figures = {name: number_column(metric, name) for name in ("From", "To", "The rest")}
    st.dataframe(data, hide_index=True, height=min(36 + 35 * len(data), 440), column_config={
        "Value": number_column(metric), **figures,
        "p": _CC.TextColumn(alignment="right", help="That slice and rest are equal, with Holm's correction over all "
                                                    "slices: Fisher's exact test, or Welch's test.")})
