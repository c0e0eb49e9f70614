"""A run's state into its checkpoints, and back out of them."""

from __future__ import annotations

from engine.training.checkpoints import Checkpoints, restore
from engine.training.progress import Progress
from engine.training.setup import Setup


def save(setup: Setup, checkpoints: Checkpoints, progress: Progress, *, best: bool) -> None:
    """Write a checkpoint of where the run stands.

    Raises:
        OSError: it cannot be written; earlier ones stay as they were.
    """
    average = setup.average.module if setup.average is not None else None
    checkpoints.save(progress, setup.model, setup.optimizer, average, setup.precision.scaler, best=best)


def resume(setup: Setup, checkpoints: Checkpoints, continued_at: int | None = None) -> Progress:
    """Put a run back where its last checkpoint left it; a new one is at its start.

    Args:
        continued_at: the epoch at which somebody asked an ended run to go on; from there patience counts anew.

    Raises:
        UserError: the checkpoint is damaged.
    """
    last = checkpoints.path("last")
    if last is None:
        return Progress()
    average = setup.average.module if setup.average is not None else None
    progress = restore(last, setup.model, setup.optimizer, average, setup.precision.scaler)
    setup.schedule.restore(progress.schedule)
    if progress.epoch == continued_at:
        progress.restart_patience()
    return progress
