"""``LabelPredictions``: the probability of each class of each picture, with the thresholds that apply, on disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.array_files import read_arrays
from engine.errors import UserError
from engine.files import replace_file
from engine.labels.ranking import Floats
from engine.labels.targets import Bools, Ints
from engine.labels.thresholds import UNDECIDED


@dataclass(frozen=True, eq=False)
class LabelPredictions:
    """A model's predictions for a split.

    Attributes:
        ids: int64 [N], position of each picture in the split.
        targets: int64 [N, K], 1 for each class that a picture has.
        logits: float32 [N, K], before the sigmoid.
        thresholds: float64 [K], the probability from which on a class is predicted.
    """

    ids: Ints
    targets: Ints
    logits: NDArray[np.float32]
    thresholds: Floats

    @staticmethod
    def undecided(ids: Ints, targets: Ints, logits: NDArray[np.float32]) -> LabelPredictions:
        """Return predictions whose thresholds are not chosen yet."""
        return LabelPredictions(ids, targets, logits, np.full(logits.shape[1], UNDECIDED))

    @property
    def classes(self) -> int:
        return int(self.logits.shape[1])

    @property
    def places(self) -> bytes:
        """Equal for two predictions of the same pictures in the same order, with the same truth."""
        return self.ids.astype(np.int64).tobytes() + self.targets.astype(np.int8).tobytes()

    def take(self, rows: Ints) -> LabelPredictions:
        """Return the predictions of these pictures."""
        return replace(self, ids=self.ids[rows], targets=self.targets[rows], logits=self.logits[rows])

    @cached_property
    def probabilities(self) -> Floats:
        """float64 [N, K]."""
        found: Floats = np.exp(-np.logaddexp(0, -self.logits.astype(np.float64)))
        return found

    @cached_property
    def predicted(self) -> Bools:
        """bool [N, K], the classes at or above their thresholds."""
        found: Bools = self.probabilities >= self.thresholds
        return found

    @cached_property
    def wrong(self) -> Bools:
        """bool [N, K], classes that are missed or added."""
        found: Bools = self.predicted != (self.targets > 0)
        return found

    @cached_property
    def losses(self) -> Floats:
        """float64 [N], binary cross-entropy of each picture in nats, the mean over classes."""
        logits = self.logits.astype(np.float64)
        found: Floats = (np.logaddexp(0, logits) - self.targets * logits).mean(axis=1)
        return found


def save_predictions(path: Path, predictions: LabelPredictions) -> str:
    """Write predictions to an ``.npz``; returns its SHA-256 in hex.

    Raises:
        OSError: the file cannot be written; no partial file remains.
    """
    with replace_file(path) as temporary, temporary.open("wb") as file:
        np.savez(file, ids=predictions.ids, targets=predictions.targets.astype(np.uint8), logits=predictions.logits,
                 thresholds=predictions.thresholds)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_predictions(path: Path) -> LabelPredictions:
    """Read what :func:`save_predictions` wrote.

    Raises:
        UserError: the file is missing or damaged.
    """
    try:
        arrays = read_arrays(path, {"ids": "iN", "targets": "iNK", "logits": "fNK", "thresholds": "fK"})
        if arrays["targets"].max(initial=0) > 1:
            raise ValueError(f"its targets hold {arrays['targets'].max()}, expected 0 and 1")
        return LabelPredictions(arrays["ids"], arrays["targets"].astype(np.int64), arrays["logits"],
                                arrays["thresholds"])
    except FileNotFoundError:
        raise UserError(f"predictions: {path.name} is not among this home's files; python -m engine evaluate makes it "
                        "again from a checkpoint") from None
    except (OSError, ValueError) as error:
        raise UserError(f"predictions: cannot read {path}: {error}") from None
