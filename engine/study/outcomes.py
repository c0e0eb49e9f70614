"""What came of the runs of a study."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.catalog.metrics import METRICS, computed_metrics, study_metrics
from engine.evaluation.results import recompute_metric
from engine.store import Evaluation, Store
from engine.study.factors import CellKey
from engine.study.matrix import Entry, Matrix, State, matrix
from engine.study.study import Study


@dataclass(frozen=True)
class Outcome:
    """A finished run as a study sees it.

    Attributes:
        seed: None where it is not known, as of most results that were imported: such runs are paired with nothing.
        run: the run's id.
        metrics: by their names in :data:`engine.catalog.metrics.METRICS`, each in its own unit.
        rounding: half of the last digit that was printed, by metric; what was measured here has none.
        imported: it was not trained here.
    """

    cell: CellKey
    seed: int | None
    run: int
    metrics: Mapping[str, float]
    rounding: Mapping[str, float] = field(default_factory=dict)
    imported: bool = False


def outcomes(store: Store, study: Study) -> list[Outcome]:
    """One outcome for each finished run, in the order of the cells, then of the seeds, then what was imported.

    A run is judged by the test that its config asks for: of its best checkpoint, else of its last. Of a run from
    elsewhere ``origin`` tells ``study``, ``levels`` (label by factor), ``seed`` where known, and ``rounding`` (half of
    the last printed digit, by metric).
    """
    return outcomes_of(store, matrix(store, study))


def outcomes_of(store: Store, found: Matrix) -> list[Outcome]:
    """As :func:`outcomes`, of a matrix that is there already."""
    done = [_outcome(entry) for entry in found.entries if entry.state is State.DONE]
    return with_metrics(store, done, found.study.metrics_named)


def with_metrics(store: Store, found: Sequence[Outcome], metrics: Collection[str]) -> list[Outcome]:
    """The outcomes with these metrics of tests older than them, as far as their stored predictions tell."""
    asked = computed_metrics("classification").keys() & metrics
    lacking = [outcome.run for outcome in found if not outcome.imported and asked - outcome.metrics.keys()]
    tests = store.evaluations.of_tests(lacking) if lacking else {}
    return [replace(outcome, metrics={**outcome.metrics, **_measured_now(tests[outcome.run], asked)})
            if outcome.run in tests else outcome for outcome in found]


def _measured_now(test: Evaluation, asked: Collection[str]) -> dict[str, float]:
    values = {key: recompute_metric(test.predictions, test.sha256, key) for key in asked if key not in test.metrics}
    return {key: value for key, value in values.items() if value is not None}


def _outcome(entry: Entry) -> Outcome:
    run = entry.run
    assert run is not None
    metrics = {key: value for key in study_metrics() if (value := run.figure(key)) is not None}
    rounding: dict[str, float] = run.origin.get("rounding", {})
    complements = {row.complement: half for key, half in rounding.items()
                   if (row := METRICS.get(key)) is not None and row.complement}
    return Outcome(entry.cell, entry.seed, run.id, metrics, {**complements, **rounding}, run.is_imported)
