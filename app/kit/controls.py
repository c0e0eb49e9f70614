"""The buttons of a run: pause, resume, stop, train longer, clone, and its pages."""

from collections.abc import Callable

import streamlit as st

from app.kit.dialogs import MOST_EPOCHS, train_longer
from app.kit.guard import guarded
from app.kit.navigation import go
from app.kit.store import store
from app.kit.writing import write_button
from engine.launch import request_pause, request_stop, resume
from engine.store import Run, Status

CAN_PAUSE = frozenset({Status.QUEUED, Status.STARTING, Status.RUNNING})
CAN_STOP = CAN_PAUSE | {Status.PAUSED}
CAN_RESUME = frozenset({Status.PAUSED, Status.STOPPED, Status.FAILED, Status.LOST})


def controls(run: Run, *, details: bool = True) -> None:
    """Draw the buttons that apply now, in one line: Resume takes the place of Pause, Stop keeps its own.

    Args:
        details: whether one leads to the run's own page.
    """
    pending = run.requested != "run" and run.is_live
    with st.container(horizontal=True, gap=None, width="content", key=f"controls_{run.id}"):
        if run.status in CAN_PAUSE:
            _button("pause", "Pause and free the slot", run, lambda: request_pause(store(), run), pending)
        if run.status in CAN_RESUME and not run.is_imported:
            _button("play_arrow", "Resume from the last checkpoint", run, lambda: resume(store(), run))
        if run.status in CAN_STOP:
            _button("stop", "Stop", run, lambda: request_stop(store(), run), pending)
        if run.is_ended and not run.is_imported:
            _button("more_time", "Train for more epochs", run, lambda: train_longer([run]), run.epoch >= MOST_EPOCHS)
        _button("content_copy", "Clone into the launch form", run, lambda: go("launch", clone=str(run.id)))
        if run.test_score is not None:
            _button("grid_on", "Results", run, lambda: go("results", [run.id]))
        if details:
            _button("article", "All about this run", run, lambda: go("run", [run.id]))


def _button(icon: str, words: str, run: Run, act: Callable[[], object], disabled: bool = False) -> None:
    draw = st.button if icon in ("content_copy", "grid_on", "article") else write_button
    if draw(words, icon=f":material/{icon}:", key=f"{icon}_{run.id}", help=words, type="tertiary", disabled=disabled):
        with guarded():
            act()
            if icon in ("pause", "stop", "play_arrow"):
                st.rerun()
