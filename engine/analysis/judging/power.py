"""How many seeds a contrast needs before a test would probably decide it."""

from __future__ import annotations

import numpy as np
from scipy.special import nctdtr, stdtr, stdtrit

from engine.analysis.judging.claims import Claim, distance
from engine.analysis.judging.testing import Fitted
from engine.evaluation.metrics import Floats, Ints

POWER = 0.8
LEAST_SEEDS = 3
MOST_SEEDS = 50
"""More than any study would run: such a difference is too small for its spread."""


def seeds_for(fitted: Fitted, unit_error: float, claim: Claim, alpha: float) -> int | None:
    """Seeds in each cell with which the test has a power of 80 %, at least three; None if above fifty.

    A direction is planned for the contrast as large as it looks now; equivalence for a true contrast of zero. Degrees
    of freedom are those of a paired test, the fewest there may be.

    Args:
        unit_error: the contrast's standard error with one seed in each cell.
        alpha: two-sided for a direction; for equivalence that of each one-sided test.
    """
    seeds = np.arange(LEAST_SEEDS, MOST_SEEDS + 1)
    if claim.expect == "none":
        power = _of_equivalence(claim.margin, unit_error, seeds, alpha)
    else:
        away = abs(distance(fitted, claim)) * np.sqrt(seeds) / unit_error
        power = 1 - nctdtr(seeds - 1, away, -stdtrit(seeds - 1, alpha / 2))
    enough = seeds[np.nan_to_num(power, nan=1.0) >= POWER]  # far from zero, SciPy's noncentral t is not a number
    return int(enough[0]) if len(enough) else None


def _of_equivalence(margin: float, unit_error: float, seeds: Ints, alpha: float) -> Floats:
    room = margin * np.sqrt(seeds) / unit_error + stdtrit(seeds - 1, alpha)
    power: Floats = np.maximum(2 * stdtr(seeds - 1, room) - 1, 0.0)
    return power
