"""What ``evaluate`` prints of a run's results, by its task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from engine.boxes.metrics import METRICS as DETECTION_METRICS
from engine.cli.output import percent
from engine.evaluation.box_results import DetectionResults, best_view, load_detection_results
from engine.evaluation.conditions import SPLITS, checkpoint_in_words, in_words
from engine.evaluation.metrics import METRICS
from engine.evaluation.results import Results, load_results, load_temperature
from engine.store import Conditions, Evaluation, Run, Store

CLASSIFICATION_FIGURES = ("top-1", "top-5", "loss", "precision", "recall", "F1", "F1 of means", "ECE")
_OVERLAP = 0.5


@dataclass(frozen=True)
class Reporting:
    """How one task's results are told.

    Attributes:
        columns, row: a line of the table.
        lines: sentences below the table.
        document: the same and more for ``--json``.
    """

    load: Callable[[Store, Run, Conditions], Any]
    columns: tuple[str, ...]
    row: Callable[[Any], tuple[str, ...]]
    lines: Callable[[Store, Run, Any], list[str]]
    document: Callable[[Store, Run, Any], dict[str, Any]]


def _row(results: Results) -> tuple[str, ...]:
    return (*_what(results.evaluation, len(results.ids)), in_words(results.evaluation.conditions),
            *classification_figures(results.metrics))


def _what(evaluation: Evaluation, pictures: int) -> tuple[str, str]:
    """The checkpoint, and of how many pictures of what."""
    conditions = evaluation.conditions
    of = conditions.dataset or SPLITS[conditions.split].split()[0].lower()
    return checkpoint_in_words(evaluation), f"{pictures:,} {of}"


def classification_figures(metrics: dict[str, float]) -> tuple[str, ...]:
    macro = (percent(metrics[name]) for name in ("macro_precision", "macro_recall", "macro_f1", "f1_of_means", "ece"))
    return (percent(metrics["top1"]), percent(metrics.get("top5")), f"{metrics['loss']:.4f}", *macro)


def _lines(store: Store, run: Run, results: Results) -> list[str]:
    return [*_calibrated(store, run, results), *results.remarks]


def _calibrated(store: Store, run: Run, results: Results) -> list[str]:
    fitted = load_temperature(store, run, results.evaluation.conditions) if results.split == "test" else None
    if fitted is None or not fitted.determined:
        return []
    after = results.at_temperature(fitted.value).metrics
    return [f"{checkpoint_in_words(results.evaluation)}, {in_words(results.evaluation.conditions)}: at temperature "
            f"{fitted.value:.3f}, fitted on validation, the test loss is {after['loss']:.4f} and the ECE "
            f"{percent(after['ece'])}"]


def _document(store: Store, run: Run, results: Results) -> dict[str, Any]:
    evaluation = results.evaluation
    fitted = load_temperature(store, run, evaluation.conditions) if evaluation.split == "test" else None
    after = results.at_temperature(fitted.value).metrics if fitted else {}
    return {
        "run": run.id, **asdict(evaluation.conditions), "epoch": evaluation.epoch, "pictures": len(results.ids),
        "metrics": {name: results.metrics.get(name) for name in METRICS}, "remarks": results.remarks,
        "temperature": fitted and {**asdict(fitted), "loss": after["loss"], "ece": after["ece"]},
        "per_class": [row._asdict() for row in results.per_class], "predictions": str(evaluation.predictions)}


def _boxes_row(results: DetectionResults) -> tuple[str, ...]:
    metrics = results.evaluation.metrics
    return (*_what(results.evaluation, len(results.predictions.ids)),
            *(percent(_number(metrics.get(name))) for name in DETECTION_METRICS))


def _boxes_lines(_store: Store, run: Run, results: DetectionResults) -> list[str]:
    view, evaluation = best_view(run, results, _OVERLAP), results.evaluation
    right, found = percent(_number(view.totals.precision)), percent(_number(view.totals.recall))
    return [f"{checkpoint_in_words(evaluation)}, {SPLITS[evaluation.split].lower()}: F1 is highest at score "
            f"{view.score_threshold:.2f}, where {right} of {view.totals.boxes:,} boxes are right and {found} of "
            f"{view.totals.objects:,} objects are found (IoU {_OVERLAP:g})"]


def _boxes_document(_store: Store, run: Run, results: DetectionResults) -> dict[str, Any]:
    evaluation, view = results.evaluation, best_view(run, results, _OVERLAP)
    return {
        "run": run.id, **asdict(evaluation.conditions), "epoch": evaluation.epoch,
        "pictures": len(results.predictions.ids),
        "metrics": {name: _number(evaluation.metrics.get(name)) for name in DETECTION_METRICS},
        "at_best_f1": {"score": view.score_threshold, "overlap": view.overlap} | _numbers(view.totals._asdict()),
        "errors": {kind.name.lower(): count for kind, count in view.judgement.counts.items()},
        "per_class": [_numbers(row._asdict()) for row in view.per_class], "predictions": str(evaluation.predictions)}


def _numbers(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: _number(value) if isinstance(value, float) else value for name, value in figures.items()}


def _number(value: float | None) -> float | None:
    """None for what means nothing: JSON has no NaN."""
    return None if value is None or np.isnan(value) else value


CLASSIFICATION = Reporting(
    load_results, ("checkpoint", "pictures", "seen", *CLASSIFICATION_FIGURES), _row, _lines, _document)
DETECTION = Reporting(
    load_detection_results, ("checkpoint", "pictures", "mAP", "mAP@50", "mAP@75", "small", "medium", "large",
                             "recall@100"), _boxes_row, _boxes_lines, _boxes_document)
