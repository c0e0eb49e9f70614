"""A classifier's predictions on disk: written once, read by all later analyses."""

import hashlib
from pathlib import Path

import numpy as np

from engine.array_files import read_arrays
from engine.errors import UserError
from engine.evaluation.metrics import Predictions
from engine.files import replace_file


def save_predictions(path: Path, predictions: Predictions) -> str:
    """Write ``ids``, ``targets`` and ``logits`` to an ``.npz``; returns its SHA-256 in hex.

    Raises:
        OSError: the file cannot be written; no partial file remains.
    """
    with replace_file(path) as temporary, temporary.open("wb") as file:
        np.savez(file, ids=predictions.ids, targets=predictions.targets, logits=predictions.logits)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_predictions(path: Path) -> Predictions:
    """Read what :func:`save_predictions` wrote.

    Raises:
        UserError: the file is missing or damaged.
    """
    try:
        arrays = read_arrays(path, {"ids": "iN", "targets": "iN", "logits": "fNK"})
        found = Predictions(arrays["ids"], arrays["targets"], arrays["logits"])
        if found.targets.max(initial=-1) >= found.classes:
            raise ValueError(f"its targets hold {found.targets.max()}, and there are {found.classes} classes")
        return found
    except FileNotFoundError:
        raise UserError(f"predictions: {path.name} is not among this home's files; python -m engine evaluate makes it "
                        "again from a checkpoint") from None
    except (OSError, ValueError) as error:
        raise UserError(f"predictions: cannot read {path}: {error}") from None
