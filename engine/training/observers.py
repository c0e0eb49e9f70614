"""Observers of the loop: the recorder, and a log."""

from engine.store import Recorder
from engine.tasks import TASKS
from engine.training.loop import Observer, StepRecord
from engine.training.progress import Progress


def epoch_line(task: str, progress: Progress, metrics: dict[str, float]) -> str:
    """Format an epoch's means in one line, for a terminal or a log."""
    train, val = TASKS[task].epoch_scores(metrics)
    return (f"epoch {progress.epoch:>3}  train {metrics['train_loss']:<9.4g} {train}val {metrics['val_loss']:<9.4g} "
            f"{val}  {metrics['images_per_second']:,.0f} images/s")


class EpochLog:
    """Prints a line per epoch, for the log of a background run."""

    requested = "run"

    def __init__(self, task: str) -> None:
        self._task = task

    def steps_done(self, records: list[StepRecord], progress: Progress) -> None:
        """Do nothing."""

    def epoch_done(self, progress: Progress, metrics: dict[str, float]) -> None:
        print(epoch_line(self._task, progress, metrics), flush=True)


class Recording:
    """Records the loop's events, then passes them on to a watcher."""

    def __init__(self, recorder: Recorder, steps_per_epoch: int, watcher: Observer) -> None:
        self._recorder, self._steps_per_epoch, self._watcher = recorder, steps_per_epoch, watcher

    @property
    def requested(self) -> str:
        return self._recorder.requested

    def steps_done(self, records: list[StepRecord], progress: Progress) -> None:
        for step, values in records:
            self._recorder.log(step, values, (step - 1) // self._steps_per_epoch)
        self._watcher.steps_done(records, progress)

    def epoch_done(self, progress: Progress, metrics: dict[str, float]) -> None:
        self._recorder.log(progress.step, metrics, progress.epoch)
        self._watcher.epoch_done(progress, metrics)
