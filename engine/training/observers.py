"""Who listens to the loop: the recorder always, and a progress bar or a log."""

from engine.store import Recorder
from engine.tasks import TASKS
from engine.training.loop import Observer, StepRecord
from engine.training.progress import Progress


def epoch_line(progress: Progress, metrics: dict[str, float]) -> str:
    """An epoch's means in one line, for a terminal or a log."""
    task = next(task for task in TASKS.values() if task.score in metrics)
    train, val = task.epoch_scores(metrics)
    return (f"epoch {progress.epoch:>3}  train {metrics['train_loss']:<9.4g} {train}val {metrics['val_loss']:<9.4g} "
            f"{val}  {metrics['images_per_second']:,.0f} images/s")


class EpochLog:
    """Prints a line an epoch: what a run in the background leaves in its log."""

    requested = "run"

    def steps_done(self, records: list[StepRecord], progress: Progress) -> None:
        """Nothing: a log is for people."""

    def epoch_done(self, progress: Progress, metrics: dict[str, float]) -> None:
        print(epoch_line(progress, metrics), flush=True)


class Recording:
    """Writes what the loop tells into the run's record, then passes it on to a watcher."""

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
