"""Calibration error: how far confidence is from accuracy, and how much of that is chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.metrics import Floats, Ints, Predictions
from engine.words import percent

BINS = 15
_DRAWS = 500
_BLOCK = 2**22
_LEVEL = 0.95
_SCALES = np.linspace(0, 3, 301)
_TAIL = 0.0125
"""On either side; with 0.025, intervals covered 83 to 96 % in simulation, because the true gaps are not known."""


@dataclass(frozen=True, eq=False)
class Reliability:
    """Pictures by confidence, in bins that are closed on the right.

    Attributes:
        edges: float64 [bins + 1].
        pictures: int64 [bins].
        confidence, accuracy: float64 [bins], means within each bin; 0 for an empty bin.
    """

    edges: Floats
    pictures: Ints
    confidence: Floats
    accuracy: Floats

    @property
    def error(self) -> float:
        """Expected calibration error: |accuracy − confidence| averaged over pictures."""
        gaps = np.abs(self.accuracy - self.confidence) * self.pictures
        return float(gaps.sum() / max(int(self.pictures.sum()), 1))


@dataclass(frozen=True)
class JudgedError:
    """A calibration error in the light of chance, all from 0 to 1.

    Attributes:
        value: the error in the bins.
        low, high: its 95 % interval on other pictures of the same kind.
        floor: the mean error of a perfectly calibrated model with as many pictures and the same confidences.
        ceiling: what 95 % of such models stay below.
    """

    value: float
    low: float
    high: float
    floor: float
    ceiling: float

    @property
    def is_chance(self) -> bool:
        """Whether a perfectly calibrated model would show as much."""
        return self.value <= self.ceiling


def reliability(predictions: Predictions, *, equal_mass: bool = False, bins: int = BINS) -> Reliability:
    """Return the accuracy of predictions by confidence.

    Args:
        equal_mass: bins with about as many pictures each (Nguyen and O'Connor, 2015, arXiv 1508.05154), instead of
            bins as wide each from 0 to 1 (Guo et al., 2017, arXiv 1706.04599). Equal confidences share a bin.
    """
    return _binned(predictions.confidence, _right(predictions), _edges(predictions.confidence, equal_mass, bins))


def reliability_of_scores(scores: Floats, right: Floats) -> Reliability:
    """Return how often boxes are right by their scores, in 15 bins of equal width; it counts boxes, not pictures.

    Args:
        scores: float64 [N], 0–1.
        right: float64 [N], 1 for each box that found an object, else 0.
    """
    return _binned(scores, right, np.linspace(0, 1, BINS + 1))


def expected_calibration_error(predictions: Predictions) -> float:
    """Return the ECE over 15 bins of equal width, 0–1."""
    return reliability(predictions).error


def adaptive_calibration_error(predictions: Predictions) -> float:
    """Return the ECE over 15 bins of equal mass, 0–1."""
    return reliability(predictions, equal_mass=True).error


def classwise_calibration_error(predictions: Predictions) -> float:
    """Return the mean over classes of the error of each class's probability (Kull et al., 2019, arXiv 1910.12656)."""
    edges = np.linspace(0, 1, BINS + 1)
    errors = [_binned(np.exp(predictions.log_probabilities[:, label]), (predictions.targets == label).astype(float),
                      edges).error for label in range(predictions.classes)]
    return float(np.mean(errors))


def judge_error(predictions: Predictions, *, equal_mass: bool = False) -> JudgedError:
    """Return the calibration error with its interval and its noise floor.

    The floor is drawn: each picture is right with the probability of its confidence (Bröcker and Smith, 2007). The
    interval holds every error that a test leaves open, of models whose gaps in the bins are the observed ones times a
    number; it begins at 0 if the error is below the ceiling. A bootstrap would not do: it adds its own noise to that of
    the pictures, and misses a perfect calibration.
    """
    edges = _edges(predictions.confidence, equal_mass, BINS)
    found = _binned(predictions.confidence, _right(predictions), edges)
    drawn = _calibrated_errors(predictions.confidence, edges)
    ceiling = float(np.quantile(drawn, _LEVEL))
    low, high = _interval(predictions, edges, found.error)
    low = 0.0 if found.error <= ceiling else max(low, _SCALES[1] * found.error)
    return JudgedError(found.error, low, high, float(drawn.mean()), ceiling)


def describe_calibration(found: JudgedError) -> str:
    """Say what the error is worth: ``ECE 7.10 % (4.90 to 9.20 %); a perfectly calibrated model …``."""
    verdict = "so this is within chance" if found.is_chance else "so this is more than chance"
    return (f"ECE {percent(found.value)} ({100 * found.low:.2f} to {percent(found.high)}); a perfectly calibrated "
            f"model would have about {percent(found.floor)} on these pictures, and up to {percent(found.ceiling)} in "
            f"95 % of cases, {verdict}")


def _right(predictions: Predictions) -> Floats:
    right: Floats = (predictions.predicted == predictions.targets).astype(np.float64)
    return right


def _edges(confidence: Floats, equal_mass: bool, bins: int) -> Floats:
    if not equal_mass:
        return np.linspace(0, 1, bins + 1)
    ends = np.quantile(confidence, np.linspace(0, 1, bins + 1)[1:])
    edges: Floats = np.unique(np.concatenate([[np.nextafter(confidence.min(), 0)], ends]))
    return edges


def _places(confidence: Floats, edges: Floats) -> NDArray[np.intp]:
    places: NDArray[np.intp] = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, len(edges) - 2)
    return places


def _binned(confidence: Floats, right: Floats, edges: Floats) -> Reliability:
    bins, places = len(edges) - 1, _places(confidence, edges)
    pictures = np.bincount(places, minlength=bins).astype(np.int64)
    means = [np.bincount(places, weights=values, minlength=bins) / np.maximum(pictures, 1)
             for values in (confidence, right)]
    return Reliability(edges, pictures, *means)


def _calibrated_errors(confidence: Floats, edges: Floats) -> Floats:
    """Draw the errors of perfectly calibrated models with these confidences, float64 [draws]."""
    places = _places(confidence, edges)
    order = np.argsort(places, kind="stable")
    sure = confidence[order]
    starts = np.flatnonzero(np.diff(places[order], prepend=-1))
    random, count = np.random.default_rng(0), len(confidence)
    rows = max(1, min(_DRAWS, _BLOCK // count))
    drawn = []
    for _ in range(-(-_DRAWS // rows)):
        gaps = (random.random((rows, count), np.float32) < sure) - sure
        drawn.append(np.abs(np.add.reduceat(gaps, starts, axis=1)).sum(axis=1) / count)
    found: Floats = np.concatenate(drawn)[:_DRAWS]
    return found


def _interval(predictions: Predictions, edges: Floats, error: float) -> tuple[float, float]:
    """Return the least and the largest error of the observed gaps times a number that are not rejected."""
    confidence, count, bins = predictions.confidence, len(predictions.ids), len(edges) - 1
    places, gaps = _places(confidence, edges), _right(predictions) - confidence
    observed = np.bincount(places, weights=gaps, minlength=bins) / count
    squares = [np.bincount(places, weights=each, minlength=bins) for each in (confidence * (1 - confidence), gaps**2)]
    spread = np.sqrt(np.maximum(*squares)) / count
    noise = np.random.default_rng(0).normal(size=(_DRAWS, bins)) * spread
    drawn = np.abs(_SCALES[:, None, None] * observed + noise).sum(axis=2)
    below, above = (drawn <= error).mean(axis=1), (drawn >= error).mean(axis=1)
    left_open = np.flatnonzero((below >= _TAIL) & (above >= _TAIL))
    if not len(left_open):
        return 0.0, 0.0
    return float(_SCALES[left_open[0]] * error), float(_SCALES[left_open[-1]] * error)
