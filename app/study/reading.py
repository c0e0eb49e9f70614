"""What a study's page reads from the store, each part kept until a run that it rests on has changed."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app.stored import store
from engine.analysis.doctor import Finding, examine_all, kept_out
from engine.analysis.judging import Judgement, judge
from engine.store import Run
from engine.study.matrix import Matrix, State, matrix
from engine.study.outcome import Outcome
from engine.study.outcomes import outcomes
from engine.study.study import Study

Stamp = tuple[tuple[int, int], ...]
"""Runs by id, and how often each has changed."""


@dataclass(frozen=True)
class Results:
    """What came out of a study so far.

    Attributes:
        ended: the runs that findings are about.
        kept_out: those of them that no conclusion is drawn from.
    """

    outcomes: tuple[Outcome, ...]
    ended: tuple[Run, ...]
    findings: tuple[Finding, ...]
    kept_out: frozenset[int]


def matrix_of(study: Study) -> Matrix:
    """Every cell and seed with its run, read again when anything has changed."""
    return _matrix(str(store().path), store().version(), study.model_dump_json())


def results_of(shown: Matrix) -> Results:
    """Outcomes and findings, read again only when another run has ended or was acknowledged."""
    return _results(str(store().path), shown.study.model_dump_json(), stamp(shown), shown)


def judgements_of(shown: Matrix) -> list[Judgement]:
    """What that says of each hypothesis."""
    return _judgements(str(store().path), shown.study.model_dump_json(), stamp(shown), shown)


def stamp(shown: Matrix) -> Stamp:
    """Which runs have ended, and how often each has changed."""
    return tuple((run.id, run.revision) for run in shown.runs(State.DONE, State.FAILED))


@st.cache_resource(show_spinner=False, max_entries=4)
def _matrix(path: str, version: int, study: str) -> Matrix:
    return matrix(store(), Study.model_validate_json(study))


@st.cache_resource(show_spinner=False, max_entries=8)
def _results(path: str, study: str, stamp: Stamp, _shown: Matrix) -> Results:
    ended = _shown.runs(State.DONE, State.FAILED)
    found = examine_all(store(), ended)
    out = kept_out(found, store().acknowledged.of([run.id for run in ended]))
    return Results(tuple(outcomes(store(), _shown.study)), tuple(ended), tuple(found), frozenset(out))


@st.cache_resource(show_spinner="Judging …", max_entries=8)
def _judgements(path: str, study: str, stamp: Stamp, _shown: Matrix) -> list[Judgement]:
    results = results_of(_shown)
    return judge(_shown.study, results.outcomes, results.kept_out)
