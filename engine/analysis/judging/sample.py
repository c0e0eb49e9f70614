"""The data of a contrast: one value for each usable run, by cell and seed."""

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
    """The usable runs of a cell.

    Attributes:
        seeded: the value by seed; the mean if a seed was run more than once, because that is no new seed.
        unseeded: values of runs with unknown seed.
        rounding: largest rounding error of a value.
        kept_out: number of excluded runs.
        unmeasured: number of runs trained here without this metric.
    """

    seeded: Mapping[int, float]
    unseeded: tuple[float, ...] = ()
    rounding: float = 0.0
    kept_out: int = 0
    unmeasured: int = 0

    @cached_property
    def values(self) -> Floats:
        """float64 [n], one value per repeat."""
        return np.array([*self.seeded.values(), *self.unseeded])

    def __len__(self) -> int:
        return len(self.seeded) + len(self.unseeded)

    @property
    def spread(self) -> float | None:
        """Standard deviation over repeats; None with fewer than two."""
        return float(self.values.std(ddof=1)) if len(self) > 1 else None

    def logged(self) -> CellRuns | None:
        """Return the logarithms; None if a value may be zero or negative before rounding."""
        least = float(self.values.min()) if len(self) else 1.0
        if least - self.rounding <= 0:
            return None
        return CellRuns({seed: math.log(value) for seed, value in self.seeded.items()},
                        tuple(math.log(value) for value in self.unseeded), -math.log1p(-self.rounding / least),
                        self.kept_out, self.unmeasured)


Sample = Mapping[CellKey, CellRuns]


def sample(cells: Sequence[CellKey], outcomes: Sequence[Outcome], metric: str,
           kept_out: Collection[int] = ()) -> dict[CellKey, CellRuns]:
    """Return every cell's usable runs: those with a finite value of the metric that are not in ``kept_out``."""
    by_cell: dict[CellKey, list[Outcome]] = {cell: [] for cell in cells}
    unmeasured = Counter[CellKey]()
    for outcome in outcomes:
        if math.isfinite(outcome.metrics.get(metric, math.nan)):
            by_cell.get(outcome.cell, []).append(outcome)
        elif not outcome.imported:
            unmeasured[outcome.cell] += 1
    return {cell: _cell_runs([each for each in found if each.run not in kept_out], metric,
                        sum(each.run in kept_out for each in found), unmeasured[cell])
            for cell, found in by_cell.items()}


def _cell_runs(outcomes: Sequence[Outcome], metric: str, kept_out: int, unmeasured: int) -> CellRuns:
    seeded: dict[int, list[float]] = {}
    for outcome in outcomes:
        if outcome.seed is not None:
            seeded.setdefault(outcome.seed, []).append(outcome.metrics[metric])
    return CellRuns({seed: float(np.mean(values)) for seed, values in sorted(seeded.items())},
                    tuple(outcome.metrics[metric] for outcome in outcomes if outcome.seed is None),
                    max((outcome.rounding.get(metric, 0.0) for outcome in outcomes), default=0.0), kept_out,
                    unmeasured)
