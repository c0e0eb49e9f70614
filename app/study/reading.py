"""Cached reads of a study from the store, each invalidated when a run that it depends on changes."""

import streamlit as st

from app.kit.store import store
from engine.analysis.checkpoint_pairs import CheckpointPair, checkpoint_evidence
from engine.analysis.reading import Reading, read_study
from engine.study.matrix import Matrix, State, matrix
from engine.study.study import Study

Stamp = tuple[tuple[int, int], ...]
"""Ids and revisions of runs."""


def matrix_of(study: Study) -> Matrix:
    """Return the runs of every cell and seed, cached until the store changes."""
    return _matrix(str(store().path), store().version(), study.model_dump_json())


def reading_of(shown: Matrix) -> Reading:
    """Return the results of a study, cached until a run ends, is acknowledged or deleted."""
    return _reading(str(store().path), shown.study.model_dump_json(), stamp(shown))


def checkpoints_of(shown: Matrix) -> list[CheckpointPair]:
    """Compare the stored predictions of runs that a hypothesis compares."""
    return _checkpoints(str(store().path), shown.study.model_dump_json(), stamp(shown), reading_of(shown))


def stamp(shown: Matrix) -> Stamp:
    """Return ids and revisions of the runs that have ended."""
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
