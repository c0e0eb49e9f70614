"""Tests by ranks over several sets, as Demšar (2006, JMLR 7) recommends them.

Without ``scipy.stats``, which takes a second to import.
"""

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, ndtr

from engine.evaluation.metrics import Floats

_GRID = np.linspace(-9.0, 9.0, 2001)
_DENSITY = np.exp(-_GRID**2 / 2) / np.sqrt(2 * np.pi) * (_GRID[1] - _GRID[0])
_MOST_RANGE = 50.0


def ranks_of(scores: Floats) -> Floats:
    """Return the recipes' ranks in each set: 1 for the highest score; equal scores share the mean of their ranks.

    Args:
        scores: float64 [sets, recipes].

    Returns:
        float64 [sets, recipes].
    """
    above = (scores[:, None, :] > scores[:, :, None]).sum(axis=2)
    equal = (scores[:, None, :] == scores[:, :, None]).sum(axis=2)
    return np.asarray(above + (equal + 1) / 2, np.float64)


def wilcoxon(differences: Floats) -> tuple[float, float]:
    """Return the sum of the signed ranks, and its two-sided p (Wilcoxon, 1945).

    p is exact, also where differences are equal. Differences of zero are left out, as Wilcoxon did.

    Args:
        differences: float64 [sets].
    """
    left = differences[differences != 0]
    # Twice the rank, so that shared ranks are integers.
    doubled = np.rint(2 * ranks_of(-np.abs(left)[None, :])[0]).astype(np.int64)
    chances = np.zeros(int(doubled.sum()) + 1)
    chances[0] = 1.0
    for rank in doubled:
        chances[rank:] += chances[:-rank].copy()
        chances /= 2
    above = int(doubled[left > 0].sum())
    p = min(1.0, 2 * min(chances[:above + 1].sum(), chances[above:].sum()))
    return float(above - doubled.sum() / 2), float(p)


def friedman(ranks: Floats) -> float:
    """Return the p of Friedman's test (1937) by the χ² approximation, which errs on the safe side with few sets.

    Args:
        ranks: float64 [sets, recipes], as from :func:`ranks_of`.
    """
    recipes = ranks.shape[1]
    centred = ranks - (recipes + 1) / 2
    spread = float((centred**2).sum())
    if spread == 0:
        return 1.0
    return float(chdtrc(recipes - 1, (recipes - 1) * float((centred.sum(axis=0) ** 2).sum()) / spread))


def nemenyi(distance: float, sets: int, recipes: int) -> float:
    """Return the p of Nemenyi's test (1963) for two mean ranks that lie so far apart."""
    return _beyond(abs(distance) / _unit(sets, recipes), recipes)


def critical_difference(sets: int, recipes: int, alpha: float) -> float:
    """Return how far two mean ranks must lie apart for a p below ``alpha`` by Nemenyi's test."""
    return _unit(sets, recipes) * float(brentq(lambda width: _beyond(width, recipes) - alpha, 0.0, _MOST_RANGE))


def least_p(sets: int, recipes: int) -> float:
    """Return the p that so many sets give if all of them agree: none can be smaller."""
    return float(2.0 ** (1 - sets)) if recipes == 2 else float(chdtrc(recipes - 1, sets * (recipes - 1)))


def sets_needed(recipes: int, alpha: float) -> int:
    """Return the smallest number of sets with which a p below ``alpha`` is possible."""
    return next(sets for sets in range(1, 10_000) if least_p(sets, recipes) < alpha)


def _unit(sets: int, recipes: int) -> float:
    """Return the standard deviation of a mean rank where recipes do not differ, independent but for their sum."""
    return float(np.sqrt(recipes * (recipes + 1) / (12 * sets)))


def _beyond(width: float, count: int) -> float:
    """Return the probability that ``count`` standard normal values lie further apart than ``width``."""
    inside = count * float(_DENSITY @ (ndtr(_GRID) - ndtr(_GRID - width)) ** (count - 1))
    return min(max(1.0 - inside, 0.0), 1.0)
