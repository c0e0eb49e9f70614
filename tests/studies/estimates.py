"""``python -m tests.studies.estimates``: what the runs of each study were expected to take, beside what they took.

The history of ``DARKROOM_HOME`` is played again: a run is estimated from those alone that had ended when it started.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from engine.config import RunConfig
from engine.costs.pace import estimate, measured_cost
from engine.store import Run, Store
from engine.words import duration

_HEAD = ("| study | finished runs | of these estimated | expected | taken | taken ÷ expected, median | least | most |\n"
         "|---|---|---|---|---|---|---|---|")


@dataclass(frozen=True)
class Timed:
    """A finished run; ``expected``, None without a comparable one before it, and ``taken`` are in seconds."""

    study: str
    expected: float | None
    taken: float


class _Before:
    """A store as it was at a time: the runs that had ended, and the costs of models."""

    def __init__(self, store: Store, moment: float) -> None:
        self._store, self._moment = store, moment
        self.runs, self.costs = self, store.costs

    def list(self) -> list[Run]:
        return [run for run in self._store.runs.list() if (run.ended_at or self._moment) < self._moment]


def timed(store: Store) -> Iterator[Timed]:
    """Yield the finished runs. They are named after the study that launched them."""
    for run in store.runs.list(("finished",)):
        found = estimate(cast(Store, _Before(store, run.started_at or 0)), RunConfig.model_validate(run.config),
                         measured_cost(store, run), "cpu")
        yield Timed(run.name.partition("_")[0], found.seconds, run.seconds)


def table(runs: list[Timed]) -> Iterator[str]:
    """Yield the lines of a Markdown table with a row for each study, and one for all."""
    yield _HEAD
    for study in sorted({run.study for run in runs}):
        yield _row(study, [run for run in runs if run.study == study])
    yield _row("all", runs)


def _row(name: str, runs: list[Timed]) -> str:
    known = [(run.expected, run.taken) for run in runs if run.expected]
    ratios = sorted(taken / expected for expected, taken in known)
    times = [duration(sum(column)) for column in zip(*known, strict=True)] or ["–", "–"]
    spread = [f"{ratio:.2f}" for ratio in (statistics.median(ratios), ratios[0], ratios[-1])] if ratios else ["–"] * 3
    return f"| {' | '.join([name, str(len(runs)), str(len(known)), *times, *spread])} |"


if __name__ == "__main__":
    print("\n".join(table(list(timed(Store.open())))))
