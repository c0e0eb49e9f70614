"""Exact tests against chance, without ``scipy.stats``, which takes a second to import."""

import numpy as np
from scipy.special import bdtrc, gammaln, logsumexp, stdtr

from engine.evaluation.metrics import Floats


def at_least(right: int, pictures: int, share: float) -> float:
    """Return the binomial probability of ``right`` or more correct pictures, each with probability ``share``."""
    return 1.0 if right <= 0 else float(bdtrc(right - 1, pictures, share))


def share_above(right: int, pictures: int, other_right: int, other_pictures: int) -> float:
    """Return the one-sided p of Fisher's exact test that the first share is above the second."""
    both, total = right + other_right, pictures + other_pictures
    ways = np.arange(right, min(pictures, both) + 1)
    logs = _choose(pictures, ways) + _choose(other_pictures, both - ways) - _choose(total, np.array([both]))
    return min(1.0, float(np.exp(logsumexp(logs))))


def beyond(t: float, freedom: int) -> float:
    """Return the two-sided p of Student's t."""
    return float(2 * stdtr(freedom, -abs(t)))


def rising(values: Floats) -> tuple[float, float]:
    """Fit a line through values at 0, 1, 2, …; return its slope and the one-sided p that it is above zero (t-test)."""
    count, x = len(values), np.arange(len(values)) - (len(values) - 1) / 2
    slope = float((x * values).sum() / (x * x).sum())
    left = values - values.mean() - slope * x
    error = float(np.sqrt((left * left).sum() / (count - 2) / (x * x).sum()))
    if error == 0:
        return slope, float(slope <= 0)
    return slope, float(stdtr(count - 2, -slope / error))


def _choose(count: int, of: Floats | np.ndarray) -> Floats:
    """Return the logarithm of the binomial coefficient; −∞ outside its domain."""
    inside = (of >= 0) & (of <= count)
    safe = np.where(inside, of, 0)
    logs: Floats = np.where(inside, gammaln(count + 1) - gammaln(safe + 1) - gammaln(count - safe + 1), -np.inf)
    return logs
