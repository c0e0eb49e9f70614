"""The output of ``evaluate`` for each task."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from engine.analysis.slices import SliceRow, slice_rows
from engine.catalog.metrics import METRICS, computed_metrics, evaluation_metrics
from engine.cli.comparisons import compare_classifiers, compare_detectors
from engine.evaluation.box_results import (
    DetectionResults,
    best_view,
    leak_remarks,
    load_detection_results,
    measured,
)
from engine.evaluation.conditions import SPLITS, describe_checkpoint, describe_conditions
from engine.evaluation.reliability import describe_calibration
from engine.evaluation.results import Results, load_results, load_temperature, stored_evaluation, trained_on
from engine.evaluation.slices import by_class, slices_of
from engine.labels.imbalance import imbalance_note
from engine.store import Conditions, Evaluation, Run, Store
from engine.tasks import TASKS
from engine.words import percent

_OVERLAP = 0.5


@dataclass(frozen=True)
class Reporting:
    """The output of one task's results.

    Attributes:
        what: headings of the columns before the metrics.
        row: a row of the table.
        lines: sentences below the table.
        document: the output of ``--json``.
        slices: ``(run, results, file)``: the figures of the score in each slice, the worst first; None: there are none.
        compare: ``(store, runs, file)``: a :class:`engine.cli.comparisons.Compared`; None: they cannot be compared.
    """

    task: str
    load: Callable[[Store, Run, Conditions], Any]
    what: tuple[str, ...]
    row: Callable[[Any], tuple[str, ...]]
    lines: Callable[[Store, Run, Any], list[str]]
    document: Callable[[Store, Run, Any], dict[str, Any]]
    slices: Callable[[Run, Any, str], list[SliceRow]] | None = None
    compare: Callable[[Store, Sequence[Run], str], Any] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return *self.what, *headings(self.task)


def reporting_of(task: str) -> Reporting:
    """Return the output of a task's results; a table of its metrics if its own is for other figures, or missing."""
    spec = TASKS[task]
    own: Reporting | None = spec.reporting.get() if spec.reporting else None
    if own and TASKS[own.task].figures == spec.figures:
        return own
    return Reporting(
        task, stored_evaluation, ("checkpoint", "pictures"),
        lambda found: (describe_checkpoint(found), _source(found), *figures(task, found.metrics)),
        lambda store, run, found: [],
        lambda store, run, found: {"run": run.id, **asdict(found.conditions), "epoch": found.epoch,
                                   "metrics": all_figures(task, found.metrics)})


def _row(results: Results) -> tuple[str, ...]:
    return *row_of(results.evaluation, len(results.ids)), *figures("classification", results.metrics)


def row_of(evaluation: Evaluation, pictures: int) -> tuple[str, ...]:
    """Return the cells before the metrics: the checkpoint, the pictures, and the views of each."""
    return *_what(evaluation, pictures), describe_conditions(evaluation.conditions)


def _what(evaluation: Evaluation, pictures: int) -> tuple[str, str]:
    """Return the checkpoint, and the number of pictures with their split or data set."""
    return describe_checkpoint(evaluation), f"{pictures:,} {_source(evaluation)}"


def _source(evaluation: Evaluation) -> str:
    return evaluation.conditions.dataset or SPLITS[evaluation.split].split()[0].lower()


def headings(task: str) -> tuple[str, ...]:
    """Return the headings of a task's metrics."""
    return tuple(row.word for row in computed_metrics(task).values())


def figures(task: str, metrics: Mapping[str, float]) -> tuple[str, ...]:
    """Return the formatted metrics below those headings."""
    return tuple(row.cell(metrics.get(key)) for key, row in computed_metrics(task).items())


def all_figures(task: str, metrics: Mapping[str, float]) -> dict[str, float | None]:
    """Return all metrics of a task, None for unknown and undefined ones."""
    return {key: _number(metrics.get(key)) for key in evaluation_metrics(task)}


def _lines(store: Store, run: Run, results: Results) -> list[str]:
    return [*_calibration_lines(store, run, results), *results.remarks, *results.leak_remarks,
            *filter(None, [imbalance_note(trained_on(run))])]


def _calibration_lines(store: Store, run: Run, results: Results) -> list[str]:
    evaluation = results.evaluation
    where = f"{describe_checkpoint(evaluation)}, {describe_conditions(evaluation.conditions)}"
    lines = [f"{where}: {describe_calibration(results.calibration_error)}"]
    fitted = load_temperature(store, run, evaluation.conditions) if results.split == "test" else None
    if fitted and fitted.determined:
        after = results.at_temperature(fitted.value).metrics
        lines.append(f"{where}: at temperature {fitted.value:.3f}, fitted on validation, the test loss is "
                     f"{METRICS['loss'].cell(after['loss'])} and the ECE {METRICS['ece'].cell(after['ece'])}")
    return [*lines, *([f"{where}: {fitted.reason}"] if fitted and fitted.reason else [])]


def _document(store: Store, run: Run, results: Results) -> dict[str, Any]:
    evaluation = results.evaluation
    fitted = load_temperature(store, run, evaluation.conditions) if evaluation.split == "test" else None
    after = results.at_temperature(fitted.value).metrics if fitted else {}
    rest = results.without_leaks
    return {
        "run": run.id, **asdict(evaluation.conditions), "epoch": evaluation.epoch, "pictures": len(results.ids),
        "metrics": all_figures("classification", results.metrics), "remarks": [*results.remarks, *results.leak_remarks],
        "calibration": asdict(results.calibration_error),
        "temperature": fitted and {**asdict(fitted), "determined": fitted.determined, "loss": after["loss"],
                                   "ece": after["ece"]},
        "without_leaks": rest and {"pictures": len(rest.ids),
                                   "metrics": all_figures("classification", rest.metrics)},
        "per_class": with_counts(run, results.per_class), "predictions": str(evaluation.predictions)}


def with_counts(run: Run, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of classes with the training pictures of each; None: unknown."""
    counts: Sequence[int | None] = trained_on(run).counts or [None] * len(rows)
    return [row | {"train_pictures": count} for row, count in zip(rows, counts, strict=True)]


def _slices(run: Run, results: Results, file: str) -> list[SliceRow]:
    score = TASKS[run.task].test_score
    if not METRICS[score].by_picture:
        return []
    divided = slices_of(run, results.evaluation, results.ids, file).found
    return slice_rows(results.predictions, score, (by_class(results.classes, results.targets), *divided))


def _boxes_slices(run: Run, results: DetectionResults, file: str) -> list[SliceRow]:
    divided = slices_of(run, results.evaluation, results.predictions.ids, file).found
    return slice_rows(measured(run, results.predictions), "map", divided)


def _boxes_row(results: DetectionResults) -> tuple[str, ...]:
    return (*_what(results.evaluation, len(results.predictions.ids)),
            *figures("detection", results.evaluation.metrics))


def _boxes_lines(_store: Store, run: Run, results: DetectionResults) -> list[str]:
    view, evaluation = best_view(run, results, _OVERLAP), results.evaluation
    right, found = percent(view.totals.precision), percent(view.totals.recall)
    return [f"{describe_checkpoint(evaluation)}, {SPLITS[evaluation.split].lower()}: F1 is highest at score "
            f"{view.score_threshold:.2f}, with precision {right} of {view.totals.boxes:,} boxes and recall {found} of "
            f"{view.totals.objects:,} objects (IoU {_OVERLAP:g}); D-ECE of the scores "
            f"{percent(view.reliability.error)}", *leak_remarks(run, results)]


def _boxes_document(_store: Store, run: Run, results: DetectionResults) -> dict[str, Any]:
    evaluation, view = results.evaluation, best_view(run, results, _OVERLAP)
    return {
        "run": run.id, **asdict(evaluation.conditions), "epoch": evaluation.epoch,
        "pictures": len(results.predictions.ids),
        "metrics": all_figures("detection", evaluation.metrics), "remarks": leak_remarks(run, results),
        "at_best_f1": {"score": view.score_threshold, "overlap": view.overlap} | _numbers(view.totals._asdict()),
        "calibration": {"d_ece": view.reliability.error,
                        "by_size": [row._asdict() for row in view.calibration_by_size]},
        "errors": {kind.name.lower(): count for kind, count in view.judgement.counts.items()},
        "per_class": [_numbers(row._asdict()) for row in view.per_class], "predictions": str(evaluation.predictions)}


def _numbers(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: _number(value) if isinstance(value, float) else value for name, value in figures.items()}


def _number(value: float | None) -> float | None:
    """Return None for NaN, which JSON does not have."""
    return None if value is None or np.isnan(value) else value


CLASSIFICATION = Reporting(
    "classification", load_results, ("checkpoint", "pictures", "augmentation"), _row, _lines, _document, _slices,
    compare_classifiers)
DETECTION = Reporting(
    "detection", load_detection_results, ("checkpoint", "pictures"), _boxes_row, _boxes_lines, _boxes_document,
    _boxes_slices, compare_detectors)
