"""A detector's predictions on disk: kept almost whole, so that thresholds can be moved without the model."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.boxes.arrays import Annotations, Detections, Ints, chosen
from engine.boxes.nms import kept
from engine.errors import UserError
from engine.files import replacing

LOWEST_SCORE, HIGHEST_NMS, MOST_A_PICTURE = 0.01, 0.9, 300
"""What is stored: boxes of at least this score, after suppression at this overlap, at most so many in a picture. The
model must be asked for no fewer."""

_OF_TRUTH = ("picture", "boxes", "labels", "difficult")
_OF_DETECTIONS = ("picture", "boxes", "labels", "scores")


@dataclass(frozen=True, eq=False)
class BoxPredictions:
    """What a detector said of a split, and what is there.

    Attributes:
        ids: int64 [N], where in its part of the data set each picture is: in the test part, or for validation among
            the training pictures.
    """

    ids: Ints
    truth: Annotations
    detections: Detections


def storable(detections: Detections) -> Detections:
    """Those of them that are stored."""
    found = kept(detections, LOWEST_SCORE, HIGHEST_NMS)
    first = np.searchsorted(found.picture, found.picture)
    return chosen(found, np.arange(len(found)) - first < MOST_A_PICTURE)


def save_predictions(path: Path, predictions: BoxPredictions) -> str:
    """Write what is :func:`storable` of them and the ground truth to an ``.npz``; returns its SHA-256 in hex.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    detections = storable(predictions.detections)
    arrays = {f"truth_{name}": getattr(predictions.truth, name) for name in _OF_TRUTH}
    arrays |= {f"detections_{name}": getattr(detections, name) for name in _OF_DETECTIONS}
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, ids=predictions.ids, **arrays)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_predictions(path: Path) -> BoxPredictions:
    """Read what :func:`save_predictions` wrote.

    Raises:
        UserError: the file is gone or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            count = len(arrays["ids"])
            truth = Annotations(**{name: arrays[f"truth_{name}"] for name in _OF_TRUTH}, pictures=count)
            said = Detections(**{name: arrays[f"detections_{name}"] for name in _OF_DETECTIONS}, pictures=count)
            return BoxPredictions(arrays["ids"], truth, said)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise UserError(f"predictions: cannot read {path}: {error}") from None
