"""Figures of runs that have no results page of their own: what an evaluation stored, or an import brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app.kit import words
from app.kit.looks import title
from app.results.choice import choose_evaluation, over_epochs
from engine.catalog.metrics import METRICS
from engine.store import Evaluation, Run


def imported_figures(run: Run, evaluations: Sequence[Evaluation]) -> None:
    """The figures that came with a run that was trained elsewhere, and what did not come."""
    metrics = evaluations[0].metrics if evaluations else {}
    _figures({key: metrics[key] for key in METRICS if key in metrics})
    st.caption(words.plain(run.lacks))


def stored_results(run: Run, evaluations: Sequence[Evaluation]) -> None:
    """All figures of one of a run's evaluations, of whatever task it is."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="chooser"):
        chosen = choose_evaluation(run, evaluations)
    st.html(f'<div class="dr-head">{title(run)}</div>')
    _figures(chosen.metrics)
    over_epochs(run, evaluations, chosen)


def _figures(metrics: Mapping[str, float]) -> None:
    """Those that have a row in their units; an error only where it does not follow from an accuracy."""
    with st.grid(8, min_column_width=100, gap="small", key="metrics"):
        for key, value in metrics.items():
            row = METRICS.get(key)
            if row is None:
                st.metric(key, words.number(value))
            elif row.compute or row.complement not in metrics:
                st.metric(row.title, row.text(value), help=row.help)
