"""Which runs no other run beats: as accurate for less."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.store import Run


@dataclass(frozen=True)
class Measure:
    """A cost that accuracy is paid with: the run's column, what it is called, and what one unit of an axis is."""

    column: str
    title: str
    unit: float


COSTS = {
    "Parameters": Measure("parameters", "parameters (millions)", 1e6),
    "Memory": Measure("memory_reached", "peak memory (GB)", 2**30),
    "Time": Measure("seconds", "training time (minutes)", 60),
}


def accuracy(run: Run) -> float | None:
    """On test pictures where it was tested, else the best on validation pictures; a fraction."""
    return run.test_accuracy if run.test_accuracy is not None else run.best_val_accuracy


def comparable(runs: Sequence[Run], cost: Measure) -> list[tuple[Run, float, float]]:
    """The runs of which both are known, with cost (in the measure's unit) and accuracy, cheapest first."""
    known = [(run, float(value) / cost.unit, score) for run in runs
             if (value := getattr(run, cost.column)) and (score := accuracy(run)) is not None]
    return sorted(known, key=lambda point: (point[1], -point[2]))


def front(points: Sequence[tuple[Run, float, float]]) -> list[tuple[Run, float, float]]:
    """Of points from cheapest to dearest, those that are more accurate than all that cost no more."""
    best: list[tuple[Run, float, float]] = []
    for point in points:
        if not best or point[2] > best[-1][2]:
            best.append(point)
    return best
