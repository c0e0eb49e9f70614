"""Curves of a study's runs over their epochs, a colour for each recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.report.figures import Curve, curves
from engine.report.words import word
from engine.store import Run, Store
from engine.study.matrix import Matrix, State
from engine.tasks import TASKS, task_name

_MOST_CELLS = 12


@dataclass(frozen=True)
class Plot:
    title: str
    svg: str


def plots(store: Store, found: Matrix, language: str) -> list[Plot]:
    """Validation score and training loss by epoch; of a large study its first cells. None of what was not recorded."""
    cells = {" · ".join(cell): [entry.run for entry in entries if entry.run and entry.state is State.DONE]
             for cell, entries in found.by_cell.items()}
    cells = dict([(title, runs) for title, runs in cells.items() if runs][:_MOST_CELLS])
    tasks = dict.fromkeys(task_name(str(run.config["dataset"])) for runs in cells.values() for run in runs)
    metrics = [*((TASKS[task].score, f"{TASKS[task].score_name} ({word('validation', language)})", True)
                 for task in tasks), ("train_loss", word("train_loss", language), False)]
    made = (_plot(store, cells, metric, title, language, percent=percent) for metric, title, percent in metrics)
    return [plot for plot in made if plot]


def _plot(store: Store, cells: dict[str, list[Run]], metric: str, title: str, language: str, *,
          percent: bool) -> Plot | None:
    groups = {cell: lines for cell, runs in cells.items() if (lines := _lines(store, runs, metric))}
    if not groups:
        return None
    tick = (lambda value: f"{100 * value:.0f} %") if percent else (lambda value: f"{value:.3g}")
    return Plot(title, curves(groups, word("epoch", language), title, tick))


def _lines(store: Store, runs: Sequence[Run], metric: str) -> list[Curve]:
    """Each run's values by epoch, counted from 1; NaN are gaps."""
    columns = store.metrics.curves([run.id for run in runs], metric)
    return [(steps // max(run.steps_per_epoch, 1), values) for run in runs
            for steps, values in [columns[run.id]] if len(steps)]
