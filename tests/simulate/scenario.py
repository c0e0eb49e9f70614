"""A promise of the judge, and how often it is kept in studies whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest

_BEYOND_CHANCE = 0.01


class Count(NamedTuple):
    """Hits among trials."""

    hits: int
    trials: int

    @property
    def share(self) -> float:
        return self.hits / max(self.trials, 1)


@dataclass(frozen=True)
class Scenario:
    """A promise.

    Attributes:
        promise: what is counted, as a line of the table.
        least, most: the shares that are allowed.
        studies: how many are simulated for the table.
        count: simulates so many studies.
    """

    promise: str
    least: float
    most: float
    studies: int
    count: Callable[[np.random.Generator, int], Count]

    def met(self, count: Count) -> bool:
        """Return whether the count could well come of a share within the bounds."""
        low, high = (binomtest(count.hits, max(count.trials, 1), bound, alternative=side).pvalue
                     for bound, side in ((self.least, "less"), (self.most, "greater")))
        return bool(count.trials) and low > _BEYOND_CHANCE and high > _BEYOND_CHANCE
