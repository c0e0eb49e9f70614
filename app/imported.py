"""What there is of a run that was not trained here."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import words
from engine.store import Evaluation, Run
from engine.study.metrics import COMPLEMENTS, STUDY_METRICS


def imported_figures(run: Run, evaluations: Sequence[Evaluation]) -> None:
    """The figures that came with it, an error only where it does not follow from an accuracy, and what did not come."""
    metrics = evaluations[0].metrics if evaluations else {}
    shown = [name for name in STUDY_METRICS
             if name in metrics and not (name.endswith("_error") and COMPLEMENTS[name] in metrics)]
    with st.grid(8, min_column_width=100, gap="small", key="metrics"):
        for name in shown:
            metric = STUDY_METRICS[name]
            st.metric(metric.title, f"{metric.shown.scale * metrics[name]:.{metric.digits}f}{metric.shown.suffix}")
    st.caption(words.plain(run.lacks))
