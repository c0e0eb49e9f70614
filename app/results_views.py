"""What the results page shows of a run, by its task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from app.classified import classification_results
from app.detected.page import detection_results
from app.export_button import export_button
from app.navigation import go
from engine.store import Evaluation, Run


@dataclass(frozen=True)
class ResultsView:
    """One task's part of the page.

    Attributes:
        results: draws what lies below the choice of the run.
        ways: buttons that this task alone has, beside the others.
    """

    results: Callable[[Run, Sequence[Evaluation]], None]
    ways: tuple[Callable[[Run], None], ...] = ()


def _export(run: Run) -> None:
    with st.container(width="content"):
        export_button(run)


def _try(run: Run) -> None:
    if st.button("Try", icon=":material/image_search:"):
        go("try_image", [run.id])


VIEWS: dict[str, ResultsView] = {
    "classification": ResultsView(classification_results, (_export, _try)),
    "detection": ResultsView(detection_results, (_try,)),
}
