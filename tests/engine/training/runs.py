"""Small real trainings for tests: Digits, a few epochs, recorded in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor

from engine.config import parse_config
from engine.training.checkpoints import Checkpoints
from engine.training.loop import Loop, StepRecord
from engine.training.progress import Progress
from engine.training.resuming import resume
from engine.training.setup import Setup, prepare

CPU = {"device": "cpu", "model": "tinyvgg_a", "batch_size": 256, "augmentation": "weak", "optimizer": "SGD", "lr": 0.01}


@dataclass
class Notebook:
    """An observer that keeps everything, and asks to stop at a step or after an epoch."""

    stop_at: int = -1
    steps: dict[int, dict[str, float]] = field(default_factory=dict)
    epochs: dict[int, dict[str, float]] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)

    @property
    def requested(self) -> str:
        return "stop" if 0 <= self.stop_at <= self.progress.step else "run"

    def steps_done(self, records: list[StepRecord], progress: Progress) -> None:
        self.steps |= dict(records)

    def epoch_done(self, progress: Progress, metrics: dict[str, float]) -> None:
        varying = ("images_per_second", "memory")
        self.epochs[progress.epoch] = {name: value for name, value in metrics.items() if name not in varying}


def setup(**options: object) -> Setup:
    return prepare(parse_config(CPU | options), None, {})


def train(folder: Path, notebook: Notebook, made: Setup, continued_at: int | None = None) -> dict[str, Tensor]:
    """Train from the last checkpoint in the folder; returns the weights, and those of their average."""
    checkpoints = Checkpoints(folder)
    notebook.progress = resume(made, checkpoints, continued_at)
    Loop(made, checkpoints, notebook, notebook.progress).run()
    parts = {"model": made.model, "evaluated": made.evaluated}
    return {f"{part}.{name}": value.clone() for part, model in parts.items()
            for name, value in model.state_dict().items()}
