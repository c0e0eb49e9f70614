"""A progress bar in the terminal for a run in the foreground."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.training import progress as training
from engine.training.loop import StepRecord
from engine.training.observers import epoch_line


class ProgressBar:
    """Shows steps done and time left on stderr, and prints a line for each epoch. Never asks the loop to stop."""

    requested = "run"

    def __init__(self, total_steps: int) -> None:
        self._console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("epoch {task.fields[epoch]}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            TextColumn("loss {task.fields[loss]:.4g}"), console=self._console, transient=True)
        self._task = self._bar.add_task("training", total=total_steps, epoch=1, loss=float("nan"))

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def steps_done(self, records: list[StepRecord], progress: training.Progress) -> None:
        step, values = records[-1]
        self._bar.update(self._task, completed=step, epoch=progress.epoch + 1, loss=values["loss"])

    def epoch_done(self, progress: training.Progress, metrics: dict[str, float]) -> None:
        self._bar.console.print(epoch_line(progress, metrics), highlight=False, soft_wrap=True)
