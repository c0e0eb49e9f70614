"""What a study's page reads from the store, kept until it changes."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from app.stored import store
from engine.analysis.judging import Judgement, judge
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


def judgements_of(shown: Matrix, kept_out: Collection[int]) -> list[Judgement]:
    """What that says of each hypothesis, judged again only when another run counts."""
    found = outcomes_of(shown)
    stamp = tuple((outcome.run, *outcome.metrics.items()) for outcome in found)
    return _judged(shown.study.model_dump_json(), stamp, tuple(sorted(kept_out)), found)


@st.cache_resource(show_spinner=False, max_entries=8)
def _judged(study: str, stamp: object, kept_out: tuple[int, ...], _outcomes: list[Outcome]) -> list[Judgement]:
    return judge(Study.model_validate_json(study), _outcomes, kept_out)


@st.cache_resource(show_spinner=False, max_entries=8)
def _outcomes(path: str, study: str, done: tuple[tuple[int, int], ...]) -> list[Outcome]:
    return outcomes(store(), Study.model_validate_json(study))
