"""Exact tests against chance, without ``scipy.stats``, which takes a second to import."""

from functools import lru_cache

import numpy as np
from scipy.special import bdtrc, gammaln, logsumexp, ndtri, stdtr

from engine.evaluation.metrics import Floats, Ints


@lru_cache(maxsize=32)
def needed_share(pictures: int, share: float, level: float) -> float:
    """Return the least share of correct pictures that is above ``share`` in the binomial test at ``level``.

    Above 1 if even all pictures would not be enough.
    """
    right = np.arange(pictures + 1)
    enough = bdtrc(right - 1.0, pictures, share) <= level
    return float(np.argmax(enough) if enough.any() else pictures + 1) / pictures


def guessed_recall(confusion: Ints, level: float) -> tuple[float, float, float]:
    """Return the balanced accuracy, that of guessing, and the one above which it is no guessing.

    Guessing gives each picture one of the predictions that were made, whatever it shows. The mean recall of the K
    classes with pictures is then 1 / K, however unequal they are and however often each is predicted. Its variance is
    that over all permutations of the predictions, of which its distribution is taken to be normal.

    Args:
        confusion: [K, K], rows true, columns predicted; at least two pictures.
        level: of the one-sided test, such as 0.01.
    """
    total, here = float(confusion.sum()), confusion.sum(axis=1) > 0
    true, named = confusion.sum(axis=1)[here].astype(float), confusion.sum(axis=0)[here].astype(float)
    alone = (named * (total - named) * (total - true) / true).sum()
    together = named.sum() ** 2 - (named ** 2).sum()
    spread = float(np.sqrt((alone + together) / (total - 1))) / total / len(true)
    recall = float((confusion.diagonal()[here] / true).mean())
    return recall, 1 / len(true), 1 / len(true) - float(ndtri(level)) * spread


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
