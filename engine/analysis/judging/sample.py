"""The figures a contrast is computed from: one number for each run that counts, by cell and seed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.evaluation.metrics import Floats
from engine.study.factors import CellKey
from engine.study.outcomes import Outcome


@dataclass(frozen=True)
class CellRuns:
    """A cell's runs that count.

    Attributes:
        seeded: the figure by seed; the mean where a seed was run more than once, which is no new seed.
        unseeded: figures of runs whose seed is not known.
        rounding: the most that one of them may be off for having been printed with few digits.
        kept_out: runs that do not count.
        unmeasured: runs that were trained here and do not tell the figure.
    """

    seeded: Mapping[int, float]
    unseeded: tuple[float, ...] = ()
    rounding: float = 0.0
    kept_out: int = 0
    unmeasured: int = 0

    @cached_property
    def values(self) -> Floats:
        """float64 [n]; n is the number of repeats."""
        return np.array([*self.seeded.values(), *self.unseeded])

    def __len__(self) -> int:
        return len(self.seeded) + len(self.unseeded)

    @property
    def spread(self) -> float | None:
        """Standard deviation over repeats; None of fewer than two."""
        return float(self.values.std(ddof=1)) if len(self) > 1 else None

    def logged(self) -> CellRuns | None:
        """The same of logarithms; None where a figure, or what it may be before it was rounded, is not above zero."""
        least = float(self.values.min()) if len(self) else 1.0
        if least - self.rounding <= 0:
            return None
        return CellRuns({seed: math.log(value) for seed, value in self.seeded.items()},
                        tuple(math.log(value) for value in self.unseeded), -math.log1p(-self.rounding / least),
                        self.kept_out, self.unmeasured)


Sample = Mapping[CellKey, CellRuns]


def sample(cells: Sequence[CellKey], outcomes: Sequence[Outcome], metric: str,
           kept_out: Collection[int] = ()) -> dict[CellKey, CellRuns]:
    """Every cell's runs that count: those with this metric, as a finite number, that are not kept out (by run id)."""
    by_cell: dict[CellKey, list[Outcome]] = {cell: [] for cell in cells}
    unmeasured = Counter[CellKey]()
    for outcome in outcomes:
        if math.isfinite(outcome.metrics.get(metric, math.nan)):
            by_cell.get(outcome.cell, []).append(outcome)
        elif not outcome.imported:
            unmeasured[outcome.cell] += 1
    return {cell: _runs([each for each in found if each.run not in kept_out], metric,
                        sum(each.run in kept_out for each in found), unmeasured[cell])
            for cell, found in by_cell.items()}


def _runs(outcomes: Sequence[Outcome], metric: str, kept_out: int, unmeasured: int) -> CellRuns:
    seeded: dict[int, list[float]] = {}
    for outcome in outcomes:
        if outcome.seed is not None:
            seeded.setdefault(outcome.seed, []).append(outcome.metrics[metric])
    return CellRuns({seed: float(np.mean(values)) for seed, values in sorted(seeded.items())},
                    tuple(outcome.metrics[metric] for outcome in outcomes if outcome.seed is None),
                    max((outcome.rounding.get(metric, 0.0) for outcome in outcomes), default=0.0), kept_out,
                    unmeasured)
