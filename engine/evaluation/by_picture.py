"""A metric picture by picture: the basis of intervals that count the chance of the test pictures."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.catalog.metric import CONFUSION
from engine.catalog.metrics import METRICS
from engine.errors import UserError
from engine.evaluation.metrics import Floats, Ints, Predictions
from engine.store import Evaluation, Run
from engine.tasks import TASKS

_MOST_CELLS = 2500
"""Cells of a confusion matrix that are varied one by one; beyond, it takes seconds a run."""
_MOST_KEPT = 512


@dataclass(frozen=True, eq=False)
class PictureValues:
    """A run's metric picture by picture.

    Attributes:
        test_set: equal for two runs if their pictures are the same, in the same order.
        values: float32 [T]; their mean is the metric, or for one of the confusion matrix nearly so.
    """

    test_set: str
    values: NDArray[np.float32]


_kept: dict[tuple[Path, str, str, str], PictureValues | None] = {}
"""By the file of predictions, its SHA-256, the key of a metric, and the data set."""


def load_picture_values(run: Run, test: Evaluation, key: str) -> PictureValues | None:
    """Return a metric picture by picture from stored predictions; None if they do not determine it."""
    # Other pictures can have the same labels, so the data set is part of what identifies them.
    data = test.conditions.dataset or run.dataset_fingerprint or run.name
    place = test.predictions, test.sha256, key, data
    if place not in _kept:
        if len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[place] = _load(run, test.predictions, key, data)
    return _kept[place]


def _load(run: Run, path: Path, key: str, data: str) -> PictureValues | None:
    task = TASKS[run.task]
    try:
        predictions = task.load_predictions(path)
        values = picture_values(task.measured(run, predictions) if task.measured else predictions, key)
    except UserError:
        return None
    if values is None or not np.isfinite(values).all():
        return None
    return PictureValues(hashlib.sha256(data.encode() + predictions.places).hexdigest(), values.astype(np.float32))


def picture_values(measured: Any, key: str) -> Floats | None:
    """Return float64 [T], one value for each picture, whose mean is the metric; None if there are none.

    A metric of the confusion matrix is taken apart by the jackknife: each value is T θ − (T − 1) θ₋ᵢ (Tukey, 1958).

    Args:
        measured: what the metric's function takes: the predictions of a classifier, the outcome of a detector.
    """
    row = METRICS[key]
    if not row.compute and row.complement:
        other = picture_values(measured, row.complement)
        return None if other is None else 1 - other
    if row.by_picture == CONFUSION:
        return _jackknife(measured, key)
    found: Floats | None = resolve_name(row.by_picture)(measured) if row.by_picture else None
    return found


def _jackknife(predictions: Predictions, key: str) -> Floats | None:
    """Leave out one picture of each cell of the confusion matrix: all pictures of a cell have the same value."""
    counts, total = predictions.confusion, len(predictions.targets)
    if np.count_nonzero(counts) > _MOST_CELLS or total < 2:
        return None
    whole, evaluate = float(METRICS[key].evaluate(predictions)), METRICS[key].evaluate
    by_cell = np.zeros(counts.shape)
    for true, predicted in np.argwhere(counts):
        fewer = counts.copy()
        fewer[true, predicted] -= 1
        by_cell[true, predicted] = total * whole - (total - 1) * float(evaluate(_counted(fewer)))
    found: Floats = by_cell[predictions.targets, predictions.predicted]
    return found


def _counted(confusion: Ints) -> Predictions:
    """Return predictions of which only the confusion matrix is known."""
    none = np.zeros(0, np.int64)
    found = Predictions(none, none, np.zeros((0, len(confusion)), np.float32))
    vars(found)["confusion"] = confusion
    return found
