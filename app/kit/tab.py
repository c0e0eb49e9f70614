"""What the browser's tab is called: how far the running runs are, the run, the page, the product; and what it tells."""

import streamlit as st

from app.kit.looks import share
from app.kit.navigation import runs_in_address
from app.kit.news import recent, tell
from app.kit.pulse import pulse
from app.kit.store import existing, runs
from engine.errors import UserError
from engine.store import Run, Status

PRODUCT = "Darkroom"
_EVERY, _PATIENCE = 5.0, 30.0


@st.fragment
def name_tab(page: str) -> None:
    """Name the tab, and tell what becomes of runs, while any is running or queued."""
    try:
        found = runs()
        named = existing(runs_in_address())
        news = recent(found)
    except UserError:
        return  # every page says so
    st.set_page_config(page_title=tab_title(page, named, found))
    busy = any(run.is_live or run.status is Status.QUEUED for run in found)
    tell(news, idle=not busy)
    if busy:
        pulse("tab_pulse", every=_EVERY, patience=_PATIENCE, told=True)


def tab_title(page: str, named: list[Run], found: list[Run]) -> str:
    """``34 % · first · Live · Darkroom``: a run is named only if the address has one alone."""
    running = [run for run in found if run.status is Status.RUNNING]
    progress = [f"{100 * sum(map(share, running)) / len(running):.0f} %"] if running else []
    return " · ".join([*progress, *(run.name for run in named[:1] if len(named) == 1), page, PRODUCT])
