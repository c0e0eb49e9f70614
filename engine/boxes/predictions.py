"""A detector's predictions on disk. Nearly all are kept, so that thresholds can change without the model."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.array_files import read_arrays
from engine.boxes.arrays import Annotations, Detections, Ints, select
from engine.boxes.nms import suppress
from engine.errors import UserError
from engine.files import replace_file

# A model must be built to return no fewer boxes than these limits store.
LOWEST_SCORE, HIGHEST_NMS, MAX_PER_PICTURE = 0.01, 0.9, 300

_TRUTH_FIELDS = {"picture": "iT", "boxes": "fT4", "labels": "iT", "difficult": "bT"}
_DETECTION_FIELDS = {"picture": "iD", "boxes": "fD4", "labels": "iD", "scores": "fD"}
_LAYOUT = {"ids": "iN", **{f"truth_{name}": sides for name, sides in _TRUTH_FIELDS.items()},
           **{f"detections_{name}": sides for name, sides in _DETECTION_FIELDS.items()}}


@dataclass(frozen=True, eq=False)
class BoxPredictions:
    """A detector's predictions for a split, with the ground truth.

    Attributes:
        ids: int64 [N], position of each picture in the test set, or for validation in the training set.
    """

    ids: Ints
    truth: Annotations
    detections: Detections

    @property
    def places(self) -> bytes:
        """Equal for two predictions of the same pictures in the same order, with the same truth."""
        return b"".join(array.tobytes() for array in (self.ids, self.truth.picture, self.truth.labels,
                                                      self.truth.boxes, self.truth.difficult))


def select_storable(detections: Detections) -> Detections:
    """Return the detections that are stored."""
    found = suppress(detections, LOWEST_SCORE, HIGHEST_NMS)
    first = np.searchsorted(found.picture, found.picture)
    return select(found, np.arange(len(found)) - first < MAX_PER_PICTURE)


def save_predictions(path: Path, predictions: BoxPredictions) -> str:
    """Write the :func:`select_storable` detections and the ground truth to an ``.npz``; returns its SHA-256 in hex.

    Raises:
        OSError: the file cannot be written; no partial file remains.
    """
    detections = select_storable(predictions.detections)
    arrays = {f"truth_{name}": getattr(predictions.truth, name) for name in _TRUTH_FIELDS}
    arrays |= {f"detections_{name}": getattr(detections, name) for name in _DETECTION_FIELDS}
    with replace_file(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, ids=predictions.ids, **arrays)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_predictions(path: Path) -> BoxPredictions:
    """Read what :func:`save_predictions` wrote.

    Raises:
        UserError: the file is missing or damaged.
    """
    try:
        arrays = read_arrays(path, _LAYOUT)
        count = len(arrays["ids"])
        truth = Annotations(**{name: arrays[f"truth_{name}"] for name in _TRUTH_FIELDS}, pictures=count)
        found = {name: arrays[f"detections_{name}"] for name in _DETECTION_FIELDS}
        detections = Detections(**found, pictures=count)
        truth.check_order()
        detections.check_order()
        return BoxPredictions(arrays["ids"], truth, detections)
    except FileNotFoundError:
        raise UserError(f"predictions: {path.name} is not among this home's files; python -m engine evaluate makes it "
                        "again from a checkpoint") from None
    except (OSError, ValueError) as error:
        raise UserError(f"predictions: cannot read {path}: {error}") from None
