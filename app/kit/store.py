"""The store as pages see it: opened once, read again only when something was committed; and its runs looked after."""

import time
from functools import lru_cache

import streamlit as st

from engine.home import db_path
from engine.launch import ensure_dispatcher, reap
from engine.store import Run, Status, Store

_EVERY = 2.0


def store() -> Store:
    """The store of this home.

    Raises:
        UserError: it cannot be opened.
    """
    return _opened(str(db_path()))


def runs() -> list[Run]:
    """All runs, newest first."""
    opened = store()
    return _runs(str(opened.path), opened.version())


def existing(ids: list[int]) -> list[Run]:
    """The runs with these ids that exist, in the order asked for."""
    by_id = {run.id: run for run in runs()}
    return [by_id[run_id] for run_id in dict.fromkeys(ids) if run_id in by_id]


@lru_cache(maxsize=4)
def _opened(path: str) -> Store:
    return Store.open()


@st.cache_resource(show_spinner=False, max_entries=2)
def _runs(path: str, version: int) -> list[Run]:
    return _opened(path).runs.list()


def look_after_runs() -> None:
    """Mark runs whose process is gone, and wake the dispatcher if any wait; not at every beat of every page.

    Raises:
        UserError: the store cannot be read or written.
    """
    if time.monotonic() - st.session_state.get("looked_after", 0.0) > _EVERY:
        st.session_state["looked_after"] = time.monotonic()
        reap(store())
        if any(run.status is Status.QUEUED for run in runs()):
            ensure_dispatcher()


def make_jobs_quick() -> None:
    """See that there is a warm process soon, from which jobs start in a moment and not in seconds."""
    ensure_dispatcher()
