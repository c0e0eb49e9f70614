"""What a study's page reads from the store, kept until it changes."""

from __future__ import annotations

import streamlit as st

from app.stored import store
from engine.study.matrix import Matrix, State, matrix
from engine.study.outcome import Outcome
from engine.study.outcomes import outcomes
from engine.study.study import Study


def matrix_of(study: Study) -> Matrix:
    """Every cell and seed with its run, read again when anything has changed."""
    return _matrix(str(store().path), store().version(), study.model_dump_json())


@st.cache_resource(show_spinner=False, max_entries=4)
def _matrix(path: str, version: int, study: str) -> Matrix:
    return matrix(store(), Study.model_validate_json(study))


def outcomes_of(shown: Matrix) -> list[Outcome]:
    """What came out so far, read again only when another run has finished."""
    done = tuple((run.id, run.revision) for run in shown.runs(State.DONE))
    return _outcomes(str(store().path), shown.study.model_dump_json(), done)


@st.cache_resource(show_spinner=False, max_entries=8)
def _outcomes(path: str, study: str, done: tuple[tuple[int, int], ...]) -> list[Outcome]:
    return outcomes(store(), Study.model_validate_json(study))
