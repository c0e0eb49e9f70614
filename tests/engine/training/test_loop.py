"""The loop learns, obeys, and resumes as if it had never stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from engine.errors import UserError
from engine.training.checkpoints import Checkpoints
from engine.training.loop import Loop
from engine.training.progress import Progress
from tests.engine.training.runs import Notebook, setup, train


def test_it_records_each_step_once_and_each_epochs_means(home: Path) -> None:
    notebook, made = Notebook(), setup(epochs=2)
    train(home / "run", notebook, made)
    assert sorted(notebook.steps) == list(range(1, 2 * made.train.steps_per_epoch + 1))
    assert sorted(notebook.epochs) == [1, 2]
    assert notebook.epochs[2]["train_loss"] < notebook.epochs[1]["train_loss"]
    sizes = [256] * 5 + [13]
    mean = sum(size * notebook.steps[step]["loss"] for step, size in enumerate(sizes, 1)) / sum(sizes)
    assert notebook.epochs[1]["train_loss"] == pytest.approx(mean, rel=1e-6)


@pytest.mark.parametrize("stop_at", [0, 4, 6, 9])
@pytest.mark.parametrize("options", [
    {"optimizer": "SGD"}, {"optimizer": "AdamW", "lr": 0.001, "schedule": "cosine"},
    {"optimizer": "SGD", "model": "test_resnet", "image_size": 16, "weight_decay": 0.001}])
def test_a_stopped_run_resumes_bit_for_bit(home: Path, stop_at: int, options: dict[str, object]) -> None:
    never, stopped = Notebook(), Notebook(stop_at=stop_at)
    expected = train(home / "never", never, setup(epochs=2, **options))
    train(home / "stopped", stopped, setup(epochs=2, **options))
    assert stopped.progress.step == stop_at
    resumed = Notebook()
    found = train(home / "stopped", resumed, setup(epochs=2, **options))
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert stopped.steps | resumed.steps == never.steps
    assert stopped.epochs | resumed.epochs == never.epochs


def test_a_higher_limit_trains_on_from_the_end(home: Path) -> None:
    whole = Notebook()
    expected = train(home / "whole", whole, setup(epochs=2))
    train(home / "more", Notebook(), setup(epochs=1))
    more = Notebook()
    found = train(home / "more", more, setup(epochs=2))
    assert sorted(more.epochs) == [2]
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_the_best_checkpoint_is_the_one_of_the_best_epoch(home: Path) -> None:
    notebook = Notebook()
    train(home / "run", notebook, setup(epochs=4, lr=0.02))
    best = max(notebook.epochs, key=lambda epoch: (
        notebook.epochs[epoch]["val_accuracy"], -notebook.epochs[epoch]["val_loss"]))
    assert Checkpoints(home / "run").names() == {"last": "epoch-0004", "best": f"epoch-{best:04d}"}


@pytest.mark.parametrize("stop_at", [-1, 4])
def test_of_equal_scores_the_lower_loss_is_the_best_also_across_a_resume(
    home: Path, monkeypatch: pytest.MonkeyPatch, stop_at: int,
) -> None:
    validated = iter([(0.5, 1.0), (0.5, 0.8), (0.5, 0.9), (0.5, 0.8), (0.4, 0.1)])
    monkeypatch.setattr(Loop, "_validate", lambda _: dict(zip(("accuracy", "loss"), next(validated), strict=True)))
    options = {"epochs": 5, "batch_size": 700}
    for notebook in (Notebook(stop_at=stop_at), Notebook()):
        train(home / "run", notebook, setup(**options))
    assert Checkpoints(home / "run").names() == {"last": "epoch-0005", "best": "epoch-0002"}
    assert notebook.progress.best == (0.5, 0.8, 2)


def test_a_loss_that_is_no_number_ends_the_run_with_advice(home: Path) -> None:
    with pytest.raises(UserError, match="loss became nan in epoch 1: try lr below 90"):
        train(home / "run", Notebook(), setup(lr=90, epochs=2))


def test_a_disk_that_is_full_for_a_while_does_not_end_training(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    save = Checkpoints.save

    def full_at_first(self: Checkpoints, progress: Progress, *parts: Any, best: bool) -> None:
        if progress.epoch < 2:
            raise OSError(28, "No space left on device")
        save(self, progress, *parts, best=best)

    monkeypatch.setattr(Checkpoints, "save", full_at_first)
    notebook = Notebook()
    train(home / "run", notebook, setup(epochs=2))
    assert Checkpoints(home / "run").names() == {"last": "epoch-0002", "best": "epoch-0002"}
    assert notebook.progress.best_epoch == 2
    assert "no checkpoint of epoch 1" in capsys.readouterr().err


def test_a_last_checkpoint_that_cannot_be_written_fails_the_run(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Checkpoints, "save", full)
    with pytest.raises(OSError, match="No space"):
        train(home / "run", Notebook(), setup(epochs=1))
