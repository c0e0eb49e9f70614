"""What a study's page reads from the store, each part kept until a run that it rests on has changed."""

import streamlit as st

from app.kit.store import store
from engine.analysis.checkpoint_pairs import CheckpointPair, checkpoint_evidence
from engine.analysis.reading import Reading, read_study
from engine.study.matrix import Matrix, State, matrix
from engine.study.study import Study

Stamp = tuple[tuple[int, int], ...]
"""Runs by id, and how often each has changed."""


def matrix_of(study: Study) -> Matrix:
    """Every cell and seed with its run, read again when anything has changed."""
    return _matrix(str(store().path), store().version(), study.model_dump_json())


def reading_of(shown: Matrix) -> Reading:
    """What came out, read again only when another run has ended, was acknowledged, or is gone."""
    return _reading(str(store().path), shown.study.model_dump_json(), stamp(shown))


def checkpoints_of(shown: Matrix) -> list[CheckpointPair]:
    """The stored predictions of runs that a hypothesis compares, held against each other."""
    return _checkpoints(str(store().path), shown.study.model_dump_json(), stamp(shown), reading_of(shown))


def stamp(shown: Matrix) -> Stamp:
    """Which runs have ended, and how often each has changed."""
    return tuple((run.id, run.revision) for run in shown.runs(State.DONE, State.FAILED))


@st.cache_resource(show_spinner=False, max_entries=4)
def _matrix(path: str, version: int, study: str) -> Matrix:
    return matrix(store(), Study.model_validate_json(study))


@st.cache_resource(show_spinner=False, max_entries=8)
def _reading(path: str, study: str, stamp: Stamp) -> Reading:
    return read_study(store(), Study.model_validate_json(study))


@st.cache_resource(show_spinner="Comparing stored predictions …", max_entries=4)
def _checkpoints(path: str, study: str, stamp: Stamp, _reading: Reading) -> list[CheckpointPair]:
    return checkpoint_evidence(store(), _reading)
