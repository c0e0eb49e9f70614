"""Training with a progress bar: in this very process, or each run of a grid in one of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.cli.output import say
from engine.config import RunConfig
from engine.config.steps import total_steps
from engine.errors import UserError
from engine.store import Run, Store


def train_here(store: Store, config: RunConfig, tell: Callable[[int], None] = lambda _: None) -> Run:
    """Train in this process.

    Args:
        tell: is given the run's id before it begins.

    Raises:
        UserError: as :func:`engine.launch.create_foreground`.
    """
    from engine.cli.bar import ProgressBar
    from engine.launch import create_foreground
    from engine.runner.main import train_run

    run = create_foreground(store, config)
    tell(run.id)
    say(f"run {run.id}: {run.name}")
    with ProgressBar(total_steps(config)) as bar:
        train_run(run.id, bar)
    return store.runs.get(run.id)


def train_apart(store: Store, config: RunConfig) -> Run:
    """As :func:`train_here`, in a fresh process: it measures the memory of this run alone, and sees its GPU alone.

    A run whose process is killed has failed, and nothing else.

    Raises:
        UserError: as :func:`train_here`.
        KeyboardInterrupt: it was interrupted before or beside training.
    """
    from engine.launch import reap
    from engine.launch.launchers.local.foreground import apart

    run_id, code = apart(partial(_train, config))
    if run_id is None:
        raise UserError(f"{config.name}: its process ended before it began, with code {code}")
    reap(store)
    run = store.runs.get(run_id)
    if run.status == "failed" and code:
        say(f"{run.name}: {run.error}")
    return run


def _train(config: RunConfig, tell: Callable[[int], None]) -> None:
    """In a process of its own, which opens the store anew."""
    train_here(Store.open(), config, tell)
