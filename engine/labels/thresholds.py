"""A threshold for each class: the probability from which on a picture has it."""

import numpy as np

from engine.labels.ranking import Floats
from engine.labels.targets import Bools, Ints

UNDECIDED = 0.5
"""The threshold of a class that no picture has."""


def best_thresholds(targets: Ints, probabilities: Floats) -> Floats:
    """Return for each class the threshold with the highest F1 on these pictures: float64 [K].

    It lies in the middle between two probabilities; of equally good ones it is the highest.

    Args:
        targets: [N, K] of 0 and 1.
        probabilities: float64 [N, K].
    """
    return np.array([_best(right > 0, column) for right, column in zip(targets.T, probabilities.T, strict=True)])


def _best(right: Bools, probabilities: Floats) -> float:
    if not right.any():
        return UNDECIDED
    order = np.argsort(-probabilities, kind="stable")
    ranked, hits = probabilities[order], np.cumsum(right[order])
    cuts = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    scores = 2 * hits[cuts] / (cuts + 1 + right.sum())
    cut = cuts[scores.argmax()]
    below = ranked[cut + 1] if cut + 1 < len(ranked) else 0.0
    return float((ranked[cut] + below) / 2)
