"""Narrowing the table of runs: by text, status, data set, model and tag."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.runs_table import SHOWN, columns
from engine.store import Run, Status


def filtered(runs: Sequence[Run]) -> list[Run]:
    """Draw the filters; the runs that pass all of them."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        text = st.text_input("Search", key="runs_text", placeholder="Search names, notes and tags", live=True,
                             type="search", label_visibility="collapsed", width=300, persist_state="session")
        statuses = _several("Status", [status.value for status in Status if any(run.status is status for run in runs)])
        datasets = _several("Data set", sorted({told for run in runs if (told := run.told("dataset"))}))
        models = _several("Model", sorted({told for run in runs if (told := run.told("model"))}))
        tags = _several("Tag", sorted({tag for run in runs for tag in run.tags}))
    words = (text or "").lower().split()
    return [run for run in runs
            if all(word in f"{run.name} {run.notes} {' '.join(run.tags)}".lower() for word in words)
            and (not statuses or run.status in statuses) and (not datasets or run.told("dataset") in datasets)
            and (not models or run.told("model") in models) and (not tags or set(tags) & set(run.tags))]


def chosen_columns() -> list[str]:
    """Draw the column chooser; the names of the columns to show."""
    known = {name: config["label"] for name, config in columns().items() if name != "id"}
    with st.popover("Columns", icon=":material/view_column:"):
        picked = st.pills("Columns", list(known), default=list(SHOWN), format_func=known.__getitem__,
                          selection_mode="multi", key="runs_columns", label_visibility="collapsed",
                          persist_state="session")
    return [name for name in known if name in picked]


def _several(label: str, options: list[str]) -> list[str]:
    if not options:
        return []
    return st.multiselect(label, options, key=f"runs_{label.lower().replace(' ', '_')}", placeholder=label,
                          label_visibility="collapsed", width=170, persist_state="session")
