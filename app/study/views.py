"""The views of a study, in the order in which they matter: declared, run, judged, printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app.study.checkpoints import checkpoints
from app.study.choice import turned
from app.study.declaration import declare, form_or_yaml
from app.study.progress import watch
from app.study.reading import checkpoints_of, matrix_of, reading_of
from app.study.report import report, tables
from app.study.verdicts import verdicts
from engine.study.matrix import State
from engine.study.study import Study
from engine.tasks import TASKS

View = Callable[[Study], None]


def style() -> None:
    """What the theme cannot say of a study."""
    st.html(Path(__file__).with_name("style.css"))


def _tables(study: Study) -> None:
    watch(study, with_matrix=False)
    reading = reading_of(matrix_of(study))
    tables(study, reading.outcomes, reading.kept_out)


def _verdicts(study: Study) -> None:
    watch(study, with_matrix=False)
    verdicts(reading_of(matrix_of(study)))


def _checkpoints(study: Study) -> None:
    watch(study, with_matrix=False)
    shown = matrix_of(study)
    done = shown.runs(State.DONE)
    if done and not any(TASKS[run.task].one_class_a_picture for run in done):
        st.caption("Two checkpoints are compared picture by picture where each has one class, which is right or "
                   "wrong. Other runs are judged across seeds, see **Verdicts**; their errors are on the Results page.")
        return
    checkpoints(checkpoints_of(shown), reading_of(shown).kept_out)


VIEWS: dict[str, View] = {
    "Declare": declare,
    "Matrix": lambda study: watch(study, with_matrix=True),
    "Verdicts": _verdicts,
    "Checkpoints": _checkpoints,
    "Tables": _tables,
    "Report": report,
}


def choose_view(study: Study) -> None:
    """Let one be chosen, and draw it; a study that was launched opens at its matrix."""
    turned()
    begun = matrix_of(study).counts[State.MISSING] < len(matrix_of(study).entries)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        view = st.segmented_control("View", list(VIEWS), default="Matrix" if begun else "Declare", required=True,
                                    key="view", bind="query-params", label_visibility="collapsed")
        if view == "Declare":
            form_or_yaml()
    VIEWS[str(view)](study)
