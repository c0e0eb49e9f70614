"""What can be done with a run: stop, pause, resume, clone, read its result."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.guard import guarded
from app.navigation import go
from app.run_dialogs import MOST_EPOCHS, train_longer
from app.stored import store
from engine.launch import request_pause, request_stop, resume
from engine.store import Run, Status

_CAN_PAUSE = frozenset({Status.QUEUED, Status.STARTING, Status.RUNNING})
_CAN_STOP = _CAN_PAUSE | {Status.PAUSED}
_CAN_RESUME = frozenset({Status.PAUSED, Status.STOPPED, Status.FAILED, Status.LOST})


def controls(run: Run) -> None:
    """The buttons that make sense now, in one line: what starts takes the place of what halts, never that of Stop."""
    asked = run.requested != "run" and run.is_live
    with st.container(horizontal=True, gap=None, width="content", key=f"controls_{run.id}"):
        if run.status in _CAN_PAUSE:
            _button("pause", "Pause: keep the place, free the slot", run, lambda: request_pause(store(), run), asked)
        if run.status in _CAN_RESUME and not run.is_imported:
            _button("play_arrow", "Resume from the last checkpoint", run, lambda: resume(store(), run))
        if run.status in _CAN_STOP:
            _button("stop", "Stop", run, lambda: request_stop(store(), run), asked)
        if run.is_ended and not run.is_imported:
            _button("more_time", "Train for more epochs", run, lambda: train_longer([run]), run.epoch >= MOST_EPOCHS)
        _button("content_copy", "Clone into the launch form", run, lambda: go("launch", clone=str(run.id)))
        if run.test_score is not None:
            _button("grid_on", "Results", run, lambda: go("results", [run.id]))


def _button(icon: str, words: str, run: Run, act: Callable[[], object], disabled: bool = False) -> None:
    if st.button(f":material/{icon}:", key=f"{icon}_{run.id}", help=words, type="tertiary", disabled=disabled):
        with guarded():
            act()
            if icon in ("pause", "stop", "play_arrow"):
                st.rerun()
