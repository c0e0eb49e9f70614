"""A metric picture by picture: the basis of intervals that count the chance of the test pictures."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from pkgutil import resolve_name

import numpy as np
from numpy.typing import NDArray

from engine.catalog.metric import CONFUSION
from engine.catalog.metrics import METRICS
from engine.errors import UserError
from engine.evaluation.metrics import Floats, Ints, Predictions
from engine.evaluation.predictions import load_predictions

_MOST_CELLS = 2500
"""Cells of a confusion matrix that are varied one by one; beyond, it takes seconds a run."""


@dataclass(frozen=True, eq=False)
class PictureValues:
    """A run's metric picture by picture.

    Attributes:
        test_set: equal for two runs if their pictures are the same, in the same order.
        values: float32 [T]; their mean is the metric, or for one of the confusion matrix nearly so.
    """

    test_set: str
    values: NDArray[np.float32]


@lru_cache(maxsize=512)
def load_picture_values(path: Path, sha256: str, key: str, data: str) -> PictureValues | None:
    """Return a metric picture by picture from stored predictions; None if they do not determine it.

    Args:
        sha256: of the file, as part of the cache key.
        data: what identifies the data set, because other pictures can have the same labels.
    """
    try:
        predictions = load_predictions(path)
        values = picture_values(predictions, key)
    except UserError:
        return None
    if values is None or not np.isfinite(values).all():
        return None
    places = np.concatenate([predictions.ids, predictions.targets]).astype(np.int64).tobytes()
    return PictureValues(hashlib.sha256(data.encode() + places).hexdigest(), values.astype(np.float32))


def picture_values(predictions: Predictions, key: str) -> Floats | None:
    """Return float64 [T], one value for each picture, whose mean is the metric; None if there are none.

    A metric of the confusion matrix is taken apart by the jackknife: each value is T θ − (T − 1) θ₋ᵢ (Tukey, 1958).
    """
    row = METRICS[key]
    if not row.compute and row.complement:
        other = picture_values(predictions, row.complement)
        return None if other is None else 1 - other
    if row.by_picture == CONFUSION:
        return _jackknife(predictions, key)
    found: Floats | None = resolve_name(row.by_picture)(predictions) if row.by_picture else None
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
