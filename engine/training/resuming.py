"""A run's state, written to a checkpoint and restored from the last one."""

from engine.training.checkpoint_index import STATE
from engine.training.checkpoints import Checkpoints, naming_errors, restore
from engine.training.progress import Progress
from engine.training.setup import Setup


def save(setup: Setup, checkpoints: Checkpoints, progress: Progress, *, best: bool) -> None:
    """Write a checkpoint of the run's current state.

    Raises:
        OSError: it cannot be written; earlier checkpoints remain.
    """
    average = setup.average.module if setup.average is not None else None
    checkpoints.save(progress, setup.model, setup.optimizer, average, setup.precision.scaler, best=best)


def resume(setup: Setup, checkpoints: Checkpoints, continued_at: int | None = None) -> Progress:
    """Restore a run from its last checkpoint; without one, it starts from the beginning.

    Args:
        continued_at: the epoch at which an ended run was continued; its patience restarts there.

    Raises:
        UserError: the checkpoint is damaged.
    """
    last = checkpoints.path("last")
    if last is None:
        return Progress()
    average = setup.average.module if setup.average is not None else None
    progress = restore(last, setup.model, setup.optimizer, average, setup.precision.scaler)
    with naming_errors(last / STATE):
        setup.schedule.restore(progress.schedule)
    if progress.epoch == continued_at:
        progress.restart_patience()
    return progress
