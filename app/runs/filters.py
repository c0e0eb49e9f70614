"""The filters of the table of runs. They stay in the address."""

from collections.abc import Sequence

import streamlit as st

from engine.store import Run, Status


def filter_runs(runs: Sequence[Run]) -> list[Run]:
    """Draw the filters and return the runs that pass all of them; archived ones only if asked for."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        text = st.text_input("Search", key="runs_text", placeholder="Search names, notes and tags", live=True,
                             type="search", label_visibility="collapsed", width=300, bind="query-params",
                             persist_state="session")
        statuses = _choose("Status", [status.value for status in Status if status in {run.status for run in runs}])
        datasets = _choose("Data set", sorted({value for run in runs if (value := run.option_text("dataset"))}))
        models = _choose("Model", sorted({value for run in runs if (value := run.option_text("model"))}))
        tags = _choose("Tag", sorted({tag for run in runs for tag in run.tags}))
        archived = any(run.archived_at for run in runs) and st.toggle(
            "Archived", key="runs_archived", bind="query-params", persist_state="session")
    words = (text or "").lower().split()
    return [run for run in runs if (archived or not run.archived_at)
            and all(word in f"{run.name} {run.notes} {' '.join(run.tags)}".lower() for word in words)
            and (not statuses or run.status in statuses) and (not datasets or run.option_text("dataset") in datasets)
            and (not models or run.option_text("model") in models) and (not tags or set(tags) & set(run.tags))]


def _choose(label: str, options: list[str]) -> list[str]:
    if not options:
        return []
    return st.multiselect(label, options, key=f"runs_{label.lower().replace(' ', '_')}", placeholder=label,
                          label_visibility="collapsed", width=170, bind="query-params", persist_state="session")
