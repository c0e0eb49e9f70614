"""The Pareto front of runs: the task's score against a cost."""

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
    "Memory": Measure("memory_reached", "peak memory (GB)", 1e9),
    "Time": Measure("seconds", "training time (minutes)", 60),
}


def score(run: Run) -> float | None:
    """Return the test score of the run's task, else the best validation score, as a fraction."""
    return run.test_score if run.test_score is not None else run.best_val_score


def comparable(runs: Sequence[Run], cost: Measure) -> list[tuple[Run, float, float]]:
    """Return the runs with known cost and score, with both, cheapest first."""
    known = [(run, float(value) / cost.unit, found) for run in runs
             if (value := getattr(run, cost.column)) and (found := score(run)) is not None]
    return sorted(known, key=lambda point: (point[1], -point[2]))


def front(points: Sequence[tuple[Run, float, float]]) -> list[tuple[Run, float, float]]:
    """Return the points, sorted by cost, with a higher score than all cheaper ones."""
    best: list[tuple[Run, float, float]] = []
    for point in points:
        if not best or point[2] > best[-1][2]:
            best.append(point)
    return best
