"""The store as pages see it: opened once, read again only when something was committed."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from engine.home import db_path
from engine.store import Run, Store


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
