"""Targets of pictures with one class each, int64 [N], or with any number of classes, int64 [N, K] of 0 and 1."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NO_CLASS = "no class"


def class_counts(targets: Ints, classes: int) -> Ints:
    """Return the number of pictures of each class: int64 [K]."""
    found: Ints = targets.sum(axis=0, dtype=np.int64) if targets.ndim == 2 else np.bincount(targets, minlength=classes)
    return found


def of_class(targets: Ints, label: int) -> Bools:
    """Return which pictures are of a class: bool [N]."""
    found: Bools = targets[:, label] > 0 if targets.ndim == 2 else targets == label
    return found


def place_texts(targets: Ints, classes: Sequence[str]) -> list[str]:
    """Return the classes of each picture as text: ``cat``, ``cat, dog`` or :data:`NO_CLASS`."""
    if targets.ndim == 1:
        return [classes[label] for label in targets.tolist()]
    return [", ".join(classes[label] for label in np.flatnonzero(row).tolist()) or NO_CLASS for row in targets]


def kinds(*parts: Ints) -> list[Ints]:
    """Return a number for each picture of each part, equal for pictures of the same classes: int64 [N] each."""
    if parts[0].ndim == 1:
        return list(parts)
    _, numbers = np.unique(np.concatenate(parts), axis=0, return_inverse=True)
    return np.split(numbers.reshape(-1).astype(np.int64), np.cumsum([len(part) for part in parts])[:-1])


def strata(targets: Ints) -> Ints:
    """Return what splits of the pictures balance: the class, or of several the rarest, −1 without any: int64 [N]."""
    if targets.ndim == 1:
        return targets
    pictures, labels = np.argwhere(targets).T
    return rarest(pictures, labels, len(targets))


def rarest(pictures: Ints, labels: Ints, count: int) -> Ints:
    """Return for each picture its class that the fewest pictures have: int64 [count]; −1 without any.

    Args:
        pictures, labels: int64 [M], each pair of a picture and one of its classes, once.
    """
    counts = np.bincount(labels, minlength=1)
    found = np.full(count, -1, np.int64)
    most_common_first = np.lexsort((labels, -counts[labels]))
    found[pictures[most_common_first]] = labels[most_common_first]
    return found


def co_occurrence(targets: Ints) -> Ints:
    """Return how many pictures have both of two classes: int64 [K, K]; the diagonal counts those of each class.

    Args:
        targets: [N, K] of 0 and 1.
    """
    found: Ints = targets.T.astype(np.int64) @ targets.astype(np.int64)
    return found
