"""The store for pages, opened once and cached until something is committed; and the upkeep of its runs."""

import asyncio
import time
from functools import lru_cache

import streamlit as st

from engine.crash_log import log_unexpected
from engine.errors import UserError
from engine.home import db_path
from engine.launch import ensure_dispatcher, reap
from engine.store import Run, Status, Store
from engine.store.trash import keep_up

_EVERY = 2.0
_WATCH_SECONDS = 3.0
_KNOWN: dict[str, dict[int, Run]] = {}


def store() -> Store:
    """Return the store of this home.

    Raises:
        UserError: it cannot be opened.
    """
    return _opened(str(db_path()))


def runs() -> list[Run]:
    """Return all runs, newest first."""
    opened = store()
    return _runs(str(opened.path), opened.version())


def existing(ids: list[int]) -> list[Run]:
    """Return the runs with these ids that exist, in the given order."""
    by_id = {run.id: run for run in runs()} if ids else {}
    return [by_id[run_id] for run_id in dict.fromkeys(ids) if run_id in by_id]


@lru_cache(maxsize=4)
def _opened(path: str) -> Store:
    return Store.open()


@st.cache_resource(show_spinner=False, max_entries=2)
def _runs(path: str, version: int) -> list[Run]:
    """Return all runs at this version; only those that changed since the last are read."""
    opened, known = _opened(path), _KNOWN.get(path, {})
    revisions = opened.runs.revisions()
    changed = [run_id for run_id, revision in revisions.items()
               if run_id not in known or known[run_id].revision != revision]
    fresh = known | {run.id: run for run in opened.runs.some(changed)}
    _KNOWN[path] = {run_id: fresh[run_id] for run_id in revisions if run_id in fresh}
    return [*_KNOWN[path].values()]


def maintain_runs() -> None:
    """Call :func:`look_after_runs` for a page, every two seconds at most."""
    if time.monotonic() - st.session_state.get("looked_after", 0.0) > _EVERY:
        st.session_state["looked_after"] = time.monotonic()
        look_after_runs()


def look_after_runs() -> None:
    """Mark runs whose process died, start the dispatcher if any are queued, and keep the store up.

    Raises:
        UserError: the store cannot be read or written.
    """
    reap(store())
    keep_up(store().connections)
    if store().runs.list((Status.QUEUED,)):
        ensure_dispatcher()


def warm_up_jobs() -> None:
    """Start the dispatcher, whose warm process lets jobs start without importing torch again."""
    ensure_dispatcher()

async def keep_watch() -> None:
    """Look after the runs every few seconds, until cancelled."""
    while True:
        await asyncio.to_thread(_look)
        await asyncio.sleep(_WATCH_SECONDS)


def _look() -> None:
    try:
        look_after_runs()
        runs()  # so that the first page after thousands of runs opens at once
    except UserError:
        pass  # every page says so
    except Exception as error:
        log_unexpected(error)
