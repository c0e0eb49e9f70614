"""The output of ``evaluate`` and ``compare`` for pictures with any number of classes."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from engine.analysis.checkpoint_pairs import evidence_sentence
from engine.analysis.label_pairs import COMPARED, compare_labels
from engine.analysis.slices import SliceRow, corrected, slice_changes, slice_rows
from engine.cli.comparisons import Compared
from engine.cli.evaluations import Reporting, all_figures, figures, row_of, with_counts
from engine.evaluation.label_results import TASK, LabelResults, load_label_results
from engine.evaluation.results import trained_on
from engine.evaluation.slices import slices_of
from engine.labels.imbalance import imbalance_note
from engine.labels.targets import class_counts
from engine.store import Run, Store


def _row(results: LabelResults) -> tuple[str, ...]:
    return *row_of(results.evaluation, len(results.predictions.ids)), *figures(TASK, results.metrics)


def _lines(_store: Store, run: Run, results: LabelResults) -> list[str]:
    return [*results.remarks, *results.leak_remarks, *filter(None, [imbalance_note(trained_on(run))])]


def _document(_store: Store, run: Run, results: LabelResults) -> dict[str, Any]:
    evaluation, found = results.evaluation, results.predictions
    return {
        "run": run.id, **asdict(evaluation.conditions), "epoch": evaluation.epoch, "pictures": len(found.ids),
        "metrics": all_figures(TASK, results.metrics), "remarks": [*results.remarks, *results.leak_remarks],
        "thresholds": dict(zip(results.classes, np.round(found.thresholds, 6).tolist(), strict=True)),
        "per_class": with_counts(run, results.per_class), "co_occurrence": results.co_occurrence.tolist(),
        "predicted": class_counts(found.predicted.astype(np.int64), found.classes).tolist(),
        "predictions": str(evaluation.predictions)}


def _slices(run: Run, results: LabelResults, file: str) -> list[SliceRow]:
    divided = slices_of(run, results.evaluation, results.predictions.ids, file).found
    return slice_rows(results.predictions, COMPARED[0], divided)


def _compare(store: Store, runs: Sequence[Run], slices: str) -> Compared:
    a, b = (load_label_results(store, run) for run in runs)
    found = compare_labels(a, b)
    divided = slices_of(runs[1], b.evaluation, b.predictions.ids, slices)
    changes = corrected([*found.classes, *slice_changes(a.predictions, b.predictions, COMPARED[0], divided.found)])
    told = evidence_sentence(found.gain, found.pictures, "t test of mAP", found.whole[0].p)
    lines = (f"wrong pairs of a picture and a class: {found.fixed:,} fixed, {found.broken:,} broken",
             f"these two checkpoints {told}", divided.note)
    return Compared(COMPARED[0], found.whole, changes, [line for line in lines if line],
                    {"fixed": found.fixed, "broken": found.broken})


MULTI_LABEL = Reporting(TASK, load_label_results, ("checkpoint", "pictures", "augmentation"), _row, _lines, _document,
                        _slices, _compare)
