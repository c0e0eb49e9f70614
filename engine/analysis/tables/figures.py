"""Means over runs, and weighted sums of means: the values of tables."""

import statistics
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.study.factors import CellKey
from engine.study.outcomes import Outcome

Weights = Mapping[CellKey, float]


@dataclass(frozen=True)
class Figure:
    """A mean over runs, or a weighted sum of such means.

    Attributes:
        sd: over the runs of one cell, or over the shared seeds of several cells; else None.
        n: the number of runs of one cell, or of shared seeds of several cells, possibly 0.
        rounding: largest error from rounded inputs.
        coarsest: half of the last digit of the least precise input.
        left_out: number of excluded runs with serious findings.
        doubtful: a cell has only runs with serious findings, and they are included.
        missing: number of cells without runs.
    """

    value: float
    sd: float | None
    n: int
    rounding: float
    coarsest: float
    left_out: int = 0
    doubtful: bool = False
    missing: int = 0


class Samples:
    """One metric of all outcomes by cell; ``unmeasured`` counts runs trained here without it."""

    def __init__(self, outcomes: Sequence[Outcome], metric: str, kept_out: Collection[int] = ()) -> None:
        self._metric = metric
        self._sound: dict[CellKey, list[Outcome]] = defaultdict(list)
        self._kept_out: dict[CellKey, list[Outcome]] = defaultdict(list)
        self.unmeasured = sum(metric not in outcome.metrics and not outcome.imported for outcome in outcomes)
        for outcome in outcomes:
            if metric in outcome.metrics:
                (self._kept_out if outcome.run in kept_out else self._sound)[outcome.cell].append(outcome)

    def mean(self, cells: Sequence[CellKey]) -> Figure | None:
        """Return the unweighted mean over the cells that have runs; None if none has."""
        there = [cell for cell in cells if self._of(cell)]
        if not there:
            return None
        found = self._sum({cell: 1 / len(there) for cell in there})
        return replace(found, missing=len(cells) - len(there))

    def weighted_sum(self, weights: Weights) -> Figure | None:
        """Return Σ weight × cell mean; None if a cell has no run."""
        return self._sum(weights) if all(self._of(cell) for cell in weights) else None

    def _of(self, cell: CellKey) -> list[Outcome]:
        """Return a cell's usable runs; if there are none, its excluded ones."""
        return self._sound.get(cell) or self._kept_out.get(cell, [])

    def _sum(self, weights: Weights) -> Figure:
        runs = {cell: self._of(cell) for cell in weights}
        rounding = {cell: statistics.fmean(run.rounding.get(self._metric, 0.0) for run in runs[cell]) for cell in runs}
        value = sum(weight * statistics.fmean(self._values(runs[cell])) for cell, weight in weights.items())
        spread = self._spread(runs, weights)
        return Figure(
            value, statistics.stdev(spread) if len(spread) > 1 else None, len(spread),
            sum(abs(weight) * rounding[cell] for cell, weight in weights.items()), max(rounding.values()),
            sum(len(self._kept_out.get(cell, ())) for cell in runs if cell in self._sound),
            any(cell not in self._sound for cell in runs))

    def _values(self, runs: Sequence[Outcome]) -> list[float]:
        return [run.metrics[self._metric] for run in runs]

    def _spread(self, runs: Mapping[CellKey, list[Outcome]], weights: Weights) -> list[float]:
        """Return the values of one cell, or the weighted sums by seed if several cells have the same known seeds."""
        if len(runs) == 1:
            (cell, weight), = weights.items()
            return [weight * value for value in self._values(runs[cell])]
        by_seed = {cell: {run.seed: run.metrics[self._metric] for run in found} for cell, found in runs.items()}
        seeds = set(next(iter(by_seed.values())))
        paired = None not in seeds and all(set(values) == seeds and len(values) == len(runs[cell])
                                           for cell, values in by_seed.items())
        return [sum(weight * by_seed[cell][seed] for cell, weight in weights.items())
                for seed in sorted(seeds, key=str)] if paired else []
