"""The filters of the table of runs. They stay in the address."""

from collections.abc import Sequence

import streamlit as st

from app.kit.address import remember
from app.kit.store import runs as every_run
from app.kit.store import store
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
    found, statuses = every_run(), {run.status for run in every_run()}
    return {"Status": [status.value for status in Status if status in statuses],
            "Data set": sorted({value for run in found if (value := run.option_text("dataset"))}),
            "Model": sorted({value for run in found if (value := run.option_text("model"))}),
            "Tag": sorted({tag for run in found for tag in run.tags})}


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
