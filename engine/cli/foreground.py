"""Training with a progress bar: in this process, or in a process for each run of a grid."""

from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.cli.output import say
from engine.config import RunConfig
from engine.config.steps import total_steps
from engine.errors import UserError
from engine.home import db_path
from engine.store import Run, Store
from engine.training import progress as training
from engine.training.loop import StepRecord
from engine.training.observers import epoch_line


def train_here(store: Store, config: RunConfig, on_start: Callable[[int], None] = lambda _: None) -> Run:
    """Train in this process.

    Args:
        on_start: called with the run's id before training.

    Raises:
        UserError: as :func:`engine.launch.create_foreground`.
    """
    from engine.launch import create_foreground
    from engine.runner.main import train_run

    run = create_foreground(store, config)
    on_start(run.id)
    say(f"run {run.id}: {run.name}")
    with ProgressBar(run.task, total_steps(config)) as bar:
        train_run(run.id, bar)
    if not db_path().exists():
        raise UserError(f"{db_path()} is gone: nothing more can be said of the run")
    return Store.open().runs.get(run.id)


def train_in_process(store: Store, config: RunConfig) -> Run:
    """Train in a new process, so that memory is measured for this run alone and a crash fails this run alone.

    Raises:
        UserError: as :func:`train_here`.
        KeyboardInterrupt: the process was interrupted before training.
    """
    import timm  # noqa: F401 - what every run needs is imported before the first, which takes seconds

    import engine.runner.main  # noqa: F401
    from engine.launch import reap
    from engine.launch.launchers.local.foreground import run_in_process

    run_id, code = run_in_process(partial(_train, config))
    if run_id is None:
        raise UserError(f"{config.name}: the process exited with code {code} before training started")
    reap(store)
    run = store.runs.get(run_id)
    if run.status == "failed" and code:
        say(f"{run.name}: {run.error}")
    return run


def _train(config: RunConfig, on_start: Callable[[int], None]) -> None:
    """Run in the new process, which opens its own store."""
    train_here(Store.open(), config, on_start)


class ProgressBar:
    """An observer of training that shows progress and time left on stderr, and prints a line per epoch."""

    requested = "run"

    def __init__(self, task: str, total_steps: int) -> None:
        self._learnt = task
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
        self._bar.console.print(epoch_line(self._learnt, progress, metrics), highlight=False, soft_wrap=True)
