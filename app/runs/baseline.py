"""The run from which the table shows differences. It stays in the address."""

import streamlit as st

from app.kit.looks import label
from app.kit.navigation import run_ids
from app.kit.store import existing
from app.kit.words import plain
from engine.store import Run

_KEY = "baseline"


def pin(run: Run) -> None:
    """Show differences from this run from now on."""
    st.query_params[_KEY] = str(run.id)
    st.rerun()


def baseline() -> Run | None:
    """Return the pinned run, and draw what it is and how to be rid of it; None: there is none."""
    found = existing(run_ids(st.query_params.get(_KEY, "")))
    if not found:
        return None
    with st.container(horizontal=True, vertical_alignment="center", key="baseline"):
        st.markdown(f":material/push_pin: Differences from **{plain(label(found[0]))}**", width="content")
        if st.button("Show figures", key="unpin", type="tertiary"):
            del st.query_params[_KEY]
            st.rerun()
    return found[0]
