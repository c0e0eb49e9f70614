"""Who listens to the loop: the recorder always, and a progress bar or a log."""

from __future__ import annotations

from collections.abc import Callable

from engine.store import Recorder
from engine.tasks import TASKS
from engine.training.loop import Observer, StepRecord
from engine.training.progress import Progress


def epoch_line(progress: Progress, metrics: dict[str, float]) -> str:
    """An epoch's means in one line, for a terminal or a log."""
    scores = next(scores for score, scores in _SCORES.items() if score in metrics)
    train, val = scores(metrics)
    return (f"epoch {progress.epoch:>3}  train {metrics['train_loss']:<9.4g} {train}val {metrics['val_loss']:<9.4g} "
            f"{val}  {metrics['images_per_second']:,.0f} images/s")


def _accuracies(metrics: dict[str, float]) -> tuple[str, str]:
    whole = "train_accuracy" in metrics
    accuracy = f"{100 * metrics['train_accuracy' if whole else 'train_mixed_accuracy']:6.2f} %"
    return f"{accuracy}{'' if whole else ' (mixed)'}  ", f"{100 * metrics['val_accuracy']:6.2f} %"


def _precisions(metrics: dict[str, float]) -> tuple[str, str]:
    return "", f"mAP {100 * metrics['val_map']:.2f} %, at IoU 0.5 {100 * metrics['val_map50']:.2f} %"


_SCORES: dict[str, Callable[[dict[str, float]], tuple[str, str]]] = {
    TASKS["classification"].score: _accuracies, TASKS["detection"].score: _precisions}
"""By a task's score: what a line tells after the losses of training and of validation."""


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
