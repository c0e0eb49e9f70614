"""What there is of a run that was not trained here."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import words
from engine.catalog.metrics import METRICS
from engine.store import Evaluation, Run


def imported_figures(run: Run, evaluations: Sequence[Evaluation]) -> None:
    """The figures that came with it, an error only where it does not follow from an accuracy, and what did not come."""
    metrics = evaluations[0].metrics if evaluations else {}
    there = {key: row for key, row in METRICS.items() if key in metrics}
    with st.grid(8, min_column_width=100, gap="small", key="metrics"):
        for key, row in there.items():
            if row.compute or row.complement not in there:
                st.metric(row.title, row.text(metrics[key]), help=row.help)
    st.caption(words.plain(run.lacks))
