"""Outcomes: the metrics of a study's finished runs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.catalog.metrics import METRICS, study_metrics
from engine.evaluation.by_picture import PictureValues, load_picture_values
from engine.evaluation.results import recompute_metric
from engine.store import Evaluation, Run, Store
from engine.study.factors import CellKey
from engine.study.matrix import Entry, Matrix, State, matrix
from engine.study.study import Study


@dataclass(frozen=True)
class Outcome:
    """The metrics of a finished run.

    Attributes:
        seed: None if unknown, as for most imported results; such runs are not paired.
        run: the run's id.
        metrics: by name in :data:`engine.catalog.metrics.METRICS`, each in its own unit.
        rounding: half of the last printed digit, by metric; empty if measured here.
        imported: whether it was not trained here.
        by_picture: values of single test pictures, by metric of a hypothesis, if stored predictions determine them.
    """

    cell: CellKey
    seed: int | None
    run: int
    metrics: Mapping[str, float]
    rounding: Mapping[str, float] = field(default_factory=dict)
    imported: bool = False
    by_picture: Mapping[str, PictureValues] = field(default_factory=dict)


def outcomes(store: Store, study: Study) -> list[Outcome]:
    """Return an outcome for each finished run, in the order of cells, seeds, then imported results.

    The metrics are those of the test that the config requests, on the best checkpoint, else the last. For imported runs
    ``origin`` holds ``study``, ``levels`` (label by factor), ``seed`` if known, and ``rounding`` (half of the last
    printed digit, by metric).
    """
    return outcomes_of(store, matrix(store, study))


def outcomes_of(store: Store, found: Matrix) -> list[Outcome]:
    """Return :func:`outcomes` of an existing matrix."""
    done = [_outcome(entry) for entry in found.entries if entry.state is State.DONE]
    study = found.study
    judged = {hypothesis.metric or study.metric for hypothesis in study.hypotheses}
    return _with_pictures(store, with_metrics(store, done, study.metrics_named), found, judged)


def with_metrics(store: Store, found: Sequence[Outcome], metrics: Collection[str]) -> list[Outcome]:
    """Add metrics that are newer than the runs' evaluations, computed from stored predictions."""
    requested = {key for key in metrics if key in METRICS and METRICS[key].compute}
    incomplete = [outcome.run for outcome in found if not outcome.imported and requested - outcome.metrics.keys()]
    if not incomplete:
        return list(found)
    tests = store.evaluations.of_tests(incomplete)
    runs = {run.id: run for run in store.runs.list() if run.id in tests}
    return [replace(outcome, metrics={**outcome.metrics, **_missing_metrics(runs[outcome.run], tests[outcome.run],
                                                                            requested)})
            if outcome.run in runs else outcome for outcome in found]


def _missing_metrics(run: Run, test: Evaluation, requested: Collection[str]) -> dict[str, float]:
    values = {key: recompute_metric(run, test, key) for key in requested if key not in test.metrics}
    return {key: value for key, value in values.items() if value is not None}


def _with_pictures(store: Store, done: Sequence[Outcome], found: Matrix, metrics: Collection[str]) -> list[Outcome]:
    """Add the values of single test pictures, from stored predictions."""
    runs = {run.id: run for run in found.runs(State.DONE) if not run.is_imported}
    tests = store.evaluations.of_tests(list(runs)) if metrics and runs else {}
    return [replace(outcome, by_picture=_by_picture(runs[outcome.run], tests[outcome.run], metrics))
            if outcome.run in tests else outcome for outcome in done]


def _by_picture(run: Run, test: Evaluation, metrics: Collection[str]) -> dict[str, PictureValues]:
    own = (key for key in sorted(metrics) if METRICS[key].task == run.task)
    values = {key: load_picture_values(run, test, key) for key in own}
    return {key: value for key, value in values.items() if value is not None}


def _outcome(entry: Entry) -> Outcome:
    run = entry.run
    assert run is not None
    metrics = {key: value for key in study_metrics() if (value := run.figure(key)) is not None}
    rounding: dict[str, float] = run.origin.get("rounding", {})
    complements = {row.complement: half for key, half in rounding.items()
                   if (row := METRICS.get(key)) is not None and row.complement}
    return Outcome(entry.cell, entry.seed, run.id, metrics, {**complements, **rounding}, run.is_imported)
