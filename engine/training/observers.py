"""Who listens to the loop: the recorder always, a progress bar in a terminal."""

from __future__ import annotations

from engine.store import Recorder
from engine.training.loop import Observer, StepRecord
from engine.training.progress import Progress


class Recording:
    """Writes what the loop tells into the run's record, then passes it on to a watcher."""

    def __init__(self, recorder: Recorder, steps_per_epoch: int, watcher: Observer | None = None) -> None:
        self._recorder, self._steps_per_epoch, self._watcher = recorder, steps_per_epoch, watcher

    @property
    def requested(self) -> str:
        return self._recorder.requested

    def steps_done(self, records: list[StepRecord], progress: Progress) -> None:
        for step, values in records:
            self._recorder.log(step, values, (step - 1) // self._steps_per_epoch)
        if self._watcher is not None:
            self._watcher.steps_done(records, progress)

    def epoch_done(self, progress: Progress, metrics: dict[str, float]) -> None:
        self._recorder.log(progress.step, metrics, progress.epoch)
        if self._watcher is not None:
            self._watcher.epoch_done(progress, metrics)
