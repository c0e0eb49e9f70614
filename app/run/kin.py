"""Which other runs and studies a run belongs to."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.kit.looks import label
from app.kit.navigation import go, pages
from app.kit.store import runs, store
from app.kit.words import plain
from engine.store import Run
from engine.study.counting import studies_counting

_MOST = 8
_ASIDE = ("name", "tags", "notes", "seed")


def kin(run: Run) -> None:
    """Draw links to its parent, its clones, the same run with other seeds, and the studies that count on it."""
    studies = _studies(str(store().path), store().version(), run.id)
    found = {"Cloned from": [other for other in runs() if other.id == run.parent],
             "Clones": [other for other in runs() if other.parent == run.id],
             "Other seeds": other_seeds(run, runs())}
    if not studies and not any(found.values()):
        return
    st.subheader("Belongs to", anchor=False)
    for name in studies:
        st.page_link(pages()["study"], label=f"Study {plain(name)}", icon=":material/science:",
                     query_params={"study": name})
    for title, others in found.items():
        if others:
            _links(title, others)
    if len(found["Other seeds"]) > 0 and st.button("Compare the seeds", icon=":material/stacked_line_chart:"):
        go("compare", [run.id, *(other.id for other in found["Other seeds"])])


def other_seeds(run: Run, others: Sequence[Run]) -> list[Run]:
    """Return the runs with the same options and another seed."""
    mine = _without_seed(run.config)
    return [other for other in others if other.id != run.id and not run.is_imported and not other.is_imported
            and other.config.get("seed") != run.config.get("seed")
            and other.config.get("model") == run.config.get("model") and _without_seed(other.config) == mine]


def _without_seed(config: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key not in _ASIDE}


def _links(title: str, others: Sequence[Run]) -> None:
    st.caption(title)
    with st.container(gap="xxsmall"):
        for other in others[:_MOST]:
            st.page_link(pages()["run"], label=plain(label(other)), query_params={"run": str(other.id)})
        if len(others) > _MOST:
            st.caption(f"and {len(others) - _MOST} more")


@st.cache_resource(show_spinner=False, max_entries=64)
def _studies(path: str, version: int, run_id: int) -> list[str]:
    return list(studies_counting(store(), [store().runs.get(run_id)]))
