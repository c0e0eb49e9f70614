"""Average precision of scores, and how each picture moves it."""

import numpy as np
from numpy.typing import NDArray

from engine.labels.targets import Bools, Ints

Floats = NDArray[np.float64]


def average_precision(right: Bools, scores: NDArray[np.floating]) -> float:
    """Return the mean precision at the score of each right one, as scikit-learn's; NaN without any.

    Args:
        right: bool [N].
        scores: [N], of which equal ones are counted together.
    """
    if not right.any():
        return float("nan")
    _, shown, hits = _ranked(right, scores)
    found = right[_descending(scores)]
    return float((hits[found] / shown[found]).mean())


def influence(right: Bools, scores: NDArray[np.floating]) -> Floats:
    """Return the derivative of :func:`average_precision` by the weight of each picture, at weights of 1: float64 [N],
    which sums to 0. It is 0 where there is nothing right."""
    total = int(right.sum())
    if not total:
        return np.zeros(len(right))
    order, shown, hits = _ranked(right, scores)
    found = right[order]
    below = np.where(found, 1 / shown, 0), np.where(found, hits / shown**2, 0)
    gain, loss = (np.append(np.cumsum(part[::-1])[::-1], 0)[_group_starts(shown)] for part in below)
    average = (hits[found] / shown[found]).mean()
    sorted_values = (found * (hits / shown + gain) - loss - found * average) / total
    values = np.empty(len(right))
    values[order] = sorted_values
    return values


def _ranked(right: Bools, scores: NDArray[np.floating]) -> tuple[Ints, Ints, Ints]:
    """Return the order of descending scores, and at each place how many have at least its score, and are right."""
    order = _descending(scores)
    ends = _group_ends(scores[order])
    return order, ends + 1, np.cumsum(right[order], dtype=np.int64)[ends]


def _descending(scores: NDArray[np.floating]) -> Ints:
    return np.argsort(-scores, kind="stable").astype(np.int64)


def _group_ends(descending: NDArray[np.floating]) -> Ints:
    """Return for each place the last one with an equal score."""
    last = np.append(np.flatnonzero(np.diff(descending)), len(descending) - 1)
    return last[np.searchsorted(last, np.arange(len(descending)))].astype(np.int64)


def _group_starts(shown: Ints) -> Ints:
    """Return for each place the first one with an equal score."""
    return np.searchsorted(shown, shown).astype(np.int64)
