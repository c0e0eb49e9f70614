"""Predictions of pictures with several classes, made up by a seed."""

from __future__ import annotations

import numpy as np

from engine.labels.predictions import LabelPredictions


def made_predictions(pictures: int = 120, classes: int = 5, *, seed: int = 0, ties: bool = False,
                     absent: tuple[int, ...] = ()) -> LabelPredictions:
    """Return predictions that are better than chance; with ``ties`` many have equal probabilities.

    Args:
        absent: classes that no picture has.
    """
    random = np.random.default_rng(seed)
    targets = (random.random((pictures, classes)) < np.linspace(0.5, 0.1, classes)).astype(np.int64)
    targets[:, list(absent)] = 0
    logits = (2 * targets - 1 + 1.5 * random.standard_normal(targets.shape)).astype(np.float32)
    return LabelPredictions(np.arange(pictures), targets, logits.round() if ties else logits,
                            np.linspace(0.3, 0.7, classes))
