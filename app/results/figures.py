"""Figures of runs that have no results page of their own: what an evaluation stored, or an import brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app.kit import words
from app.kit.looks import title
from app.results.choice import choose_evaluation, over_epochs
from engine.store import Evaluation, Run
from engine.study.metrics import COMPLEMENTS, STUDY_METRICS


def imported_figures(run: Run, evaluations: Sequence[Evaluation]) -> None:
    """The figures that came with a run that was trained elsewhere, and what did not come."""
    metrics = evaluations[0].metrics if evaluations else {}
    _figures({name: metrics[name] for name in STUDY_METRICS if name in metrics})
    st.caption(words.plain(run.lacks))


def stored_results(run: Run, evaluations: Sequence[Evaluation]) -> None:
    """All figures of one of a run's evaluations, of whatever task it is."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="chooser"):
        chosen = choose_evaluation(run, evaluations)
    st.html(f'<div class="dr-head">{title(run)}</div>')
    _figures(chosen.metrics)
    over_epochs(run, evaluations, chosen)


def _figures(metrics: Mapping[str, float]) -> None:
    """Those that studies know in their units; an error only where it does not follow from an accuracy."""
    with st.grid(8, min_column_width=100, gap="small", key="metrics"):
        for name, value in metrics.items():
            if name.endswith("_error") and COMPLEMENTS.get(name) in metrics:
                continue
            metric = STUDY_METRICS.get(name)
            st.metric(words.title_of(name), words.in_unit(value, metric) if metric else words.number(value))
