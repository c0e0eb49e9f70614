"""What the finished runs of a study came to."""

from __future__ import annotations

from collections.abc import Mapping

from engine.store import Evaluation, Store
from engine.study.matrix import Entry, Matrix, State, matrix
from engine.study.metrics import COMPLEMENTS, measured
from engine.study.outcome import Outcome
from engine.study.study import Study


def outcomes(store: Store, study: Study) -> list[Outcome]:
    """One outcome for each finished run, in the order of the cells, then of the seeds, then what was imported.

    A run is judged by the test that its config asks for: of its best checkpoint, else of its last. Of a run from
    elsewhere ``origin`` tells ``study``, ``levels`` (label by factor), ``seed`` where known, and ``rounding`` (half of
    the last printed digit, by metric).
    """
    return outcomes_of(store, matrix(store, study))


def outcomes_of(store: Store, found: Matrix) -> list[Outcome]:
    """As :func:`outcomes`, of a matrix that is there already."""
    done = [entry for entry in found.entries if entry.state is State.DONE and entry.run is not None]
    tests = store.evaluations.of_tests([entry.run.id for entry in done if entry.run is not None])
    return [_outcome(entry, tests) for entry in done]


def _outcome(entry: Entry, tests: Mapping[int, Evaluation]) -> Outcome:
    run = entry.run
    assert run is not None
    test = tests.get(run.id)
    metrics = measured(run, test.metrics if test else {})
    rounding: dict[str, float] = run.origin.get("rounding", {})
    complements = {COMPLEMENTS[name]: half for name, half in rounding.items() if name in COMPLEMENTS}
    return Outcome(entry.cell, entry.seed, run.id, metrics, {**complements, **rounding}, run.is_imported)
