"""Runs that end when validation stops improving, and go on when asked."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.training.checkpoints import Checkpoints, load_progress
from engine.training.progress import Progress
from tests.engine.training.runs import Notebook, setup, train

NEVER_BETTER: dict[str, object] = {"early_stopping": 2, "min_gain": 0.99, "batch_size": 700, "schedule": "cosine"}


def counted(accuracies: list[float], min_gain: float) -> list[int]:
    progress, found = Progress(), []
    for accuracy in accuracies:
        progress.count_gain(accuracy, min_gain)
        found.append(progress.epochs_without_gain)
    return found


@pytest.mark.parametrize(("min_gain", "expected"), [(0.0, [0, 1, 0, 1, 2, 0]), (0.05, [0, 1, 2, 3, 4, 0])])
def test_what_counts_as_a_gain(min_gain: float, expected: list[int]) -> None:
    assert counted([0.5, 0.5, 0.54, 0.54, 0.5, 0.6], min_gain) == expected


def test_a_gain_is_measured_from_what_last_counted() -> None:
    """Else many small steps would never be one."""
    assert counted([0.5, 0.52, 0.54, 0.56], 0.05) == [0, 1, 2, 0]


def test_a_run_ends_when_patience_does_and_says_why(home: Path) -> None:
    notebook = Notebook()
    train(home / "run", notebook, setup(epochs=9, **NEVER_BETTER))
    assert sorted(notebook.epochs) == [1, 2, 3]
    assert notebook.progress.ended_early == (
        "stopped early after epoch 3 of 9: validation accuracy has not risen by more than 99 points for 2 epochs")
    last = Checkpoints(home / "run").path("last")
    assert last is not None and load_progress(last).ended_early == notebook.progress.ended_early


def test_ended_early_it_stays_so_until_somebody_asks_for_more(home: Path) -> None:
    train(home / "run", Notebook(), setup(epochs=9, **NEVER_BETTER))
    again, longer = Notebook(), Notebook()
    train(home / "run", again, setup(epochs=9, **NEVER_BETTER))
    assert again.epochs == {}
    train(home / "run", longer, setup(epochs=9, **NEVER_BETTER), continued_at=3)
    assert sorted(longer.epochs) == [4, 5] and "after epoch 5 of 9" in longer.progress.ended_early


def test_the_last_epoch_is_not_early(home: Path) -> None:
    notebook = Notebook()
    train(home / "run", notebook, setup(epochs=3, **NEVER_BETTER))
    assert sorted(notebook.epochs) == [1, 2, 3] and notebook.progress.ended_early == ""


@pytest.mark.parametrize("stop_at", [3, 4])
def test_interrupted_it_keeps_its_patience(home: Path, stop_at: int) -> None:
    never, stopped, resumed = Notebook(), Notebook(stop_at=stop_at), Notebook()
    expected = train(home / "never", never, setup(epochs=9, **NEVER_BETTER))
    train(home / "stopped", stopped, setup(epochs=9, **NEVER_BETTER))
    found = train(home / "stopped", resumed, setup(epochs=9, **NEVER_BETTER))
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert resumed.progress.ended_early == never.progress.ended_early != ""
