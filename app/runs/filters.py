"""The filters of the table of runs. They stay in the address."""

from collections.abc import Sequence

import streamlit as st

from app.kit.address import remember
from app.kit.store import store
from app.runs.columns import all_values
from engine.store import Run, Status


def filter_runs(runs: Sequence[Run]) -> list[Run]:
    """Draw the filters and return the runs that pass all of them; archived ones only if asked for."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        remember("runs_text", "runs_text", "")
        text = st.text_input("Search", key="runs_text", placeholder="Search names, notes and tags", live=True,
                             type="search", label_visibility="collapsed", width=300, persist_state="session")
        there = _there(str(store().path), store().version())
        statuses, datasets, models, tags = (_choose(label, choices) for label, choices in there.items())
        archived = any(run.archived_at for run in runs) and _show_archived()
    words = (text or "").lower().split()
    return [run for run in runs if (archived or not run.archived_at)
            and all(word in f"{run.name} {run.notes} {' '.join(run.tags)}".lower() for word in words)
            and (not statuses or run.status in statuses) and (not datasets or run.option_text("dataset") in datasets)
            and (not models or run.option_text("model") in models) and (not tags or set(tags) & set(run.tags))]


@st.cache_resource(show_spinner=False, max_entries=2)
def _there(path: str, version: int) -> dict[str, list[str]]:
    """Return what any run has, by the filter's label."""
    statuses = {status for shown in all_values("status") for status in shown}
    return {"Status": [status.value for status in Status if status in statuses],
            **{title: sorted({*all_values(name)} - {None, ""}) for title, name in (("Data set", "dataset"),
                                                                                   ("Model", "model"))},
            "Tag": sorted({tag for tags in all_values("tags") for tag in tags})}


def _choose(label: str, options: list[str]) -> list[str]:
    if not options:
        return []
    key = f"runs_{label.lower().replace(' ', '_')}"
    remember(key, key, (), options)
    return st.multiselect(label, options, key=key, placeholder=label, label_visibility="collapsed", width=170,
                          persist_state="session")


def _show_archived() -> bool:
    remember("runs_archived", "runs_archived", default=False)
    return st.toggle("Archived", key="runs_archived", persist_state="session")
