"""The Pareto front of runs: accuracy against a cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.store import Run


@dataclass(frozen=True)
class Measure:
    """A cost: the run's column, its title, and the unit of its axis."""

    column: str
    title: str
    unit: float


COSTS = {
    "Parameters": Measure("parameters", "parameters (millions)", 1e6),
    "Memory": Measure("memory_reached", "peak memory (GB)", 2**30),
    "Time": Measure("seconds", "training time (minutes)", 60),
}


def accuracy(run: Run) -> float | None:
    """Return the test accuracy, else the best validation accuracy, as a fraction."""
    return run.test_accuracy if run.test_accuracy is not None else run.best_val_accuracy


def comparable(runs: Sequence[Run], cost: Measure) -> list[tuple[Run, float, float]]:
    """Return the runs with known cost and accuracy, with both, cheapest first."""
    known = [(run, float(value) / cost.unit, score) for run in runs
             if (value := getattr(run, cost.column)) and (score := accuracy(run)) is not None]
    return sorted(known, key=lambda point: (point[1], -point[2]))


def front(points: Sequence[tuple[Run, float, float]]) -> list[tuple[Run, float, float]]:
    """Return the points, sorted by cost, that are more accurate than all cheaper ones."""
    best: list[tuple[Run, float, float]] = []
    for point in points:
        if not best or point[2] > best[-1][2]:
            best.append(point)
    return best
