"""Letting the doctor look at each epoch of a run, and stopping the run if it asks for that."""

import sys

from engine.crash_log import log_unexpected
from engine.errors import user_message
from engine.store import Recorder, Run, Store, Sure
from engine.tasks.task import Part
from engine.training.loop import Observer, StepRecord
from engine.training.progress import Progress

_WATCH = Part("engine.analysis.doctor.watching:Watch")


class Watched:
    """Passes the loop's events on to a watcher, and each epoch to the doctor. Its mistakes never stop a run."""

    requested = "run"

    def __init__(self, store: Store, run: Run, recorder: Recorder, watcher: Observer) -> None:
        self._store, self._run, self._recorder, self._watcher = store, run, recorder, watcher
        self._doctor = _WATCH(store, run)

    def steps_done(self, records: list[StepRecord], progress: Progress) -> None:
        self._watcher.steps_done(records, progress)

    def epoch_done(self, progress: Progress, metrics: dict[str, float]) -> None:
        self._watcher.epoch_done(progress, metrics)
        try:
            for found in self._doctor.epoch_done(progress.epoch, metrics):
                print(f"doctor: {found.rule}: {found.message}", file=sys.stderr)
            self._stop_if_sure(progress)
        except Exception as error:
            print(f"the doctor could not look at epoch {progress.epoch}: {user_message(error) or error}; training goes "
                  "on", file=sys.stderr)
            if not user_message(error):
                log_unexpected(error)

    def _stop_if_sure(self, progress: Progress) -> None:
        """Stop as if somebody had asked for it, unless the run ends here anyway."""
        first: Sure | None = next(iter(self._doctor.sure.values()), None)
        epochs = int(self._run.config["epochs"])
        if first is None or not self._run.config.get("stop_when_sure") or progress.epoch >= epochs \
                or progress.ended_early:
            return
        self._store.runs.update(self._run.id, error=(
            f"stopped after epoch {progress.epoch} of {epochs}, as the doctor is sure of {first.rule}; resume it to go "
            "on all the same"))
        self._recorder.requested = "stop"
