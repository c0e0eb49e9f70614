"""The data of a contrast: one value for each usable run, by cell and seed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.evaluation.by_picture import PictureValues
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
        unmeasured: number of runs without this metric: trained here, or imported with a value that is not finite.
        by_picture: for each value, those of single test pictures, whose mean it is; empty if not known for all.
    """

    seeded: Mapping[int, float]
    unseeded: tuple[float, ...] = ()
    rounding: float = 0.0
    kept_out: int = 0
    unmeasured: int = 0
    by_picture: tuple[PictureValues, ...] = ()

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
                        self.kept_out, self.unmeasured, tuple(self._logged_pictures()))

    def _logged_pictures(self) -> Iterator[PictureValues]:
        """Yield the pictures' part in each value's logarithm, by its derivative."""
        for value, pictures in zip(self.values, self.by_picture, strict=bool(self.by_picture)):
            yield PictureValues(pictures.test_set, pictures.values / np.float32(value))


Sample = Mapping[CellKey, CellRuns]


def sample(cells: Sequence[CellKey], outcomes: Sequence[Outcome], metric: str,
           kept_out: Collection[int] = ()) -> dict[CellKey, CellRuns]:
    """Return every cell's usable runs: those with a finite value of the metric that are not in ``kept_out``."""
    by_cell: dict[CellKey, list[Outcome]] = {cell: [] for cell in cells}
    unmeasured = Counter[CellKey]()
    for outcome in outcomes:
        if math.isfinite(outcome.metrics.get(metric, math.nan)):
            by_cell.get(outcome.cell, []).append(outcome)
        elif not outcome.imported or metric in outcome.metrics:
            unmeasured[outcome.cell] += 1
    return {cell: _cell_runs([each for each in found if each.run not in kept_out], metric,
                        sum(each.run in kept_out for each in found), unmeasured[cell])
            for cell, found in by_cell.items()}


def _cell_runs(outcomes: Sequence[Outcome], metric: str, kept_out: int, unmeasured: int) -> CellRuns:
    seeded: dict[int, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.seed is not None:
            seeded.setdefault(outcome.seed, []).append(outcome)
    unseeded = [outcome for outcome in outcomes if outcome.seed is None]
    repeats = [seeded[seed] for seed in sorted(seeded)] + [[outcome] for outcome in unseeded]
    pictures = [_mean_by_picture(repeat, metric) for repeat in repeats]
    return CellRuns({seed: float(np.mean([outcome.metrics[metric] for outcome in seeded[seed]]))
                     for seed in sorted(seeded)},
                    tuple(outcome.metrics[metric] for outcome in unseeded),
                    max((outcome.rounding.get(metric, 0.0) for outcome in outcomes), default=0.0), kept_out,
                    unmeasured, tuple(each for each in pictures if each) if all(pictures) else ())


def _mean_by_picture(outcomes: Sequence[Outcome], metric: str) -> PictureValues | None:
    """Return the mean over runs of one seed; None if one lacks them, or has other pictures."""
    found = [outcome.by_picture.get(metric) for outcome in outcomes]
    known = [each for each in found if each is not None]
    if len(known) < len(found) or len({each.test_set for each in known}) > 1:
        return None
    return PictureValues(known[0].test_set, np.mean([each.values for each in known], axis=0))
