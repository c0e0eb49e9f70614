"""The training loop: epochs of steps with validation and checkpoints; stops or pauses after any step."""

import math
import sys
import time
from typing import Any, Protocol

import torch
from torch import Tensor

from engine.errors import UserError, user_message
from engine.models.groups import set_train_mode
from engine.tasks import task_of
from engine.training.checkpoints import Checkpoints
from engine.training.memory import memory_bytes
from engine.training.objective import Meter
from engine.training.progress import Progress
from engine.training.resuming import save
from engine.training.setup import Setup
from engine.training.updates import Updates
from engine.words import counted

_FLUSH_SECONDS = 0.2

StepRecord = tuple[int, dict[str, float]]


class Observer(Protocol):
    """Receives the loop's events, and requests its end: ``requested`` is ``run``, ``stop`` or ``pause``."""

    @property
    def requested(self) -> str: ...

    def steps_done(self, records: list[StepRecord], progress: Progress) -> None:
        """Receive steps since the last call: (step, {loss, its terms if several, lr})."""

    def epoch_done(self, progress: Progress, metrics: dict[str, float]) -> None:
        """Receive the epoch's training means and validation metrics."""


class Loop:
    """Trains a :class:`Setup` from ``progress`` to the config's last epoch."""

    def __init__(self, setup: Setup, checkpoints: Checkpoints, observer: Observer, progress: Progress) -> None:
        self.setup, self.checkpoints, self.observer, self.progress = setup, checkpoints, observer, progress
        self._updates = Updates(setup)
        self._task = task_of(setup.config.dataset)
        self._score = self._task.score_of(setup.config.score)
        self._pending: list[tuple[int, dict[str, Tensor], float]] = []
        self._flushed_at = 0.0
        self._clock = time.monotonic() - progress.trained_seconds

    def run(self) -> str:
        """Train until the last epoch, early stopping, or a request.

        Returns:
            ``run`` when training is complete, else the request: ``stop`` or ``pause``.

        Raises:
            UserError: the loss is not finite.
            OSError: the last checkpoint cannot be written.
        """
        while not self._is_done():
            if self.observer.requested != "run":
                return self._leave()
            metrics = self.train_epoch()
            if metrics is None:
                return self._leave()
            self._finish_epoch(metrics | {f"val_{name}": value for name, value in self._validate().items()})
        return "run"

    def train_epoch(self) -> dict[str, float] | None:
        """Train to the end of the epoch; returns None if interrupted."""
        setup, progress = self.setup, self.progress
        set_train_mode(setup.model, setup.config)
        meter = Meter.restored(progress.meter)
        started, seen_before = time.monotonic(), meter.seen
        for images, targets in setup.train.epoch(progress.epoch, progress.step_in_epoch):
            self._train_step(images, targets, meter)
            if self.observer.requested != "run" and progress.step_in_epoch < setup.train.steps_per_epoch:
                progress.meter = meter.state()
                return None
        means = meter.means()
        self._flush()
        speed = (meter.seen - seen_before) / max(time.monotonic() - started, 1e-9)
        return {f"train_{name}": value for name, value in means.items()} | {"images_per_second": speed}

    def _train_step(self, images: Any, targets: Any, meter: Meter) -> None:
        progress = self.progress
        lr = self.setup.schedule.set_for(progress.step)
        losses = self._updates.step(images, targets, meter, progress.step + 1)
        progress.step += 1
        progress.step_in_epoch += 1
        self._pending.append((progress.step, losses, lr))
        if time.monotonic() - self._flushed_at > _FLUSH_SECONDS:
            self._flush()

    @torch.inference_mode()
    def _validate(self) -> dict[str, float]:
        return self.setup.objective.validate(self.setup.evaluated.eval(), self.setup.validation)

    def _finish_epoch(self, metrics: dict[str, float]) -> None:
        progress = self.progress
        progress.epoch, progress.step_in_epoch, progress.meter = progress.epoch + 1, 0, {}
        best_before = progress.best
        score = self._score_in(metrics)
        best = progress.is_best(score, metrics["val_loss"])
        self._judge(score)
        progress.trained_seconds = time.monotonic() - self._clock
        self.observer.epoch_done(progress, metrics | {"memory": memory_bytes(self.setup.device)})
        self._refuse_divergence(metrics["train_loss"])
        if not self._saved(best):
            progress.best = best_before

    def _score_in(self, metrics: dict[str, float]) -> float:
        name = self._score.validation
        if name not in metrics:
            raise UserError(f"score: validation of {self._task.name} computes no {name}; choose score=usual")
        return metrics[name]

    def _judge(self, score: float) -> None:
        """Update the schedule and early stopping with the validation score."""
        progress, config = self.progress, self.setup.config
        self.setup.schedule.epoch_done(score)
        progress.schedule = self.setup.schedule.state()
        progress.count_gain(score, config.min_gain)
        if 0 < config.early_stopping <= progress.epochs_without_gain and progress.epoch < config.epochs:
            gain = f" by more than {100 * config.min_gain:g} points" if config.min_gain else ""
            progress.ended_early = (
                f"stopped early after epoch {progress.epoch} of {config.epochs}: validation {self._score.name} "
                f"has not risen{gain} for {counted(progress.epochs_without_gain, 'epoch')}")

    def _is_done(self) -> bool:
        return self.progress.epoch >= self.setup.config.epochs or bool(self.progress.ended_early)

    def _refuse_divergence(self, loss: float) -> None:
        if not math.isfinite(loss):
            config = self.setup.config
            raise UserError(f"the loss became {loss} in epoch {self.progress.epoch}: try lr below {config.lr:g}")

    def _saved(self, best: bool) -> bool:
        """Write a checkpoint; only the last one must succeed, as a full disk may have space an epoch later."""
        try:
            save(self.setup, self.checkpoints, self.progress, best=best)
        except OSError as error:
            if self._is_done():
                raise
            print(f"no checkpoint of epoch {self.progress.epoch}: {user_message(error) or error}; training goes on",
                  file=sys.stderr)
            return False
        return True

    def _leave(self) -> str:
        self._flush()
        self.progress.trained_seconds = time.monotonic() - self._clock
        save(self.setup, self.checkpoints, self.progress, best=False)
        return self.observer.requested

    def _flush(self) -> None:
        """Report the pending losses, with one transfer from the device."""
        self._flushed_at = time.monotonic()
        if not self._pending:
            return
        values = torch.stack([torch.stack(list(losses.values())) for _, losses, _ in self._pending]).tolist()
        records = [(step, dict(zip(losses, row, strict=True)) | {"lr": lr})
                   for (step, losses, lr), row in zip(self._pending, values, strict=True)]
        self._pending.clear()
        self.observer.steps_done(records, self.progress)
