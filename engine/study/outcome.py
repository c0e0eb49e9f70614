"""What came of one run of a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.study.factors import CellKey


@dataclass(frozen=True)
class Outcome:
    """A finished run as a study sees it.

    Attributes:
        seed: None where it is not known, as of most results that were imported: such runs are paired with nothing.
        run: the run's id.
        metrics: by their names in :data:`engine.catalog.metrics.METRICS`, each in its own unit.
        rounding: half of the last digit that was printed, by metric; what was measured here has none.
        imported: it was not trained here.
    """

    cell: CellKey
    seed: int | None
    run: int
    metrics: Mapping[str, float]
    rounding: Mapping[str, float] = field(default_factory=dict)
    imported: bool = False
