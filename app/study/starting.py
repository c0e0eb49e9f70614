"""Launching a study and turning to its matrix."""

from __future__ import annotations

from typing import NoReturn

from app.stored import store
from app.study.draft import discard
from app.study.turning import turn_to
from engine.study.launching import launch
from engine.study.study import Study


def start(study: Study) -> NoReturn:
    """Launch, and draw the page anew at the matrix.

    Raises:
        UserError: the study cannot be launched.
    """
    launch(store(), study)
    discard()
    turn_to(study, "Matrix")
