"""Classification: cross-entropy and accuracy, and how the parts of such a run are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.config import RunConfig
from engine.data import Dataset, load_dataset
from engine.data.batches import EvalBatches
from engine.data.mixing import Mixed
from engine.models.ready import ready_model
from engine.training.batching import batches_of
from engine.training.fitting import Forward, fit_to_machine
from engine.training.task import Learnt, Making, Meter

Targets = Tensor | Mixed


@dataclass(frozen=True)
class Classification:
    """Cross-entropy and accuracy; of mixed pictures the loss against both labels, by their shares.

    A mixture has no one right class. What is counted of it is ``mixed_accuracy``: the share of the label that the
    predicted class has, so it cannot reach 1 and must not be compared with the accuracy of whole pictures.

    Attributes:
        label_smoothing: share of every label that is spread evenly over all classes while training.
    """

    label_smoothing: float = 0.0

    def learn(self, forward: Forward, images: Tensor, targets: Targets) -> Learnt:
        """The loss of a batch of float32 [B, C, H, W], with smoothed labels."""
        logits = forward(images)
        loss = self.loss(logits, targets)
        return Learnt({"loss": loss}, lambda meter: count(meter, loss, logits, targets))

    def validate(self, model: nn.Module, batches: EvalBatches) -> dict[str, float]:
        """Mean plain loss and accuracy."""
        meter = Meter()
        for images, targets in batches:
            logits = model(images)
            count(meter, plain_loss(logits, targets), logits, targets)
        return meter.means()

    def loss(self, logits: Tensor, targets: Targets) -> Tensor:
        """The mean loss of a training batch."""
        return _cross_entropy(logits, targets, self.label_smoothing)


def plain_loss(logits: Tensor, targets: Targets) -> Tensor:
    """The loss as it is validated, without what only training adds to it."""
    return _cross_entropy(logits, targets)


def count(meter: Meter, loss: Tensor, logits: Tensor, targets: Targets) -> None:
    """Add a batch to a meter."""
    pictures, predicted = len(targets), logits.detach().argmax(1)
    total = loss.detach() * pictures
    if isinstance(targets, Tensor):
        meter.add(pictures, loss=total, accuracy=(predicted == targets).sum())
        return
    right = targets.share * (predicted == targets.first) + (1 - targets.share) * (predicted == targets.second)
    meter.add(pictures, loss=total, mixed_accuracy=right.sum())


def _cross_entropy(logits: Tensor, targets: Targets, label_smoothing: float = 0.0) -> Tensor:
    if isinstance(targets, Tensor):
        return functional.cross_entropy(logits, targets, label_smoothing=label_smoothing)
    first, second = (functional.cross_entropy(logits, labels, label_smoothing=label_smoothing, reduction="none")
                     for labels in (targets.first, targets.second))
    return torch.lerp(second, first, targets.share.to(first.dtype)).mean()


def _load(config: RunConfig) -> Dataset:
    return load_dataset(config.dataset, config.data_path, unreadable=config.unreadable)


def _task(config: RunConfig) -> Any:
    return Classification(config.label_smoothing)


MAKING = Making(load=_load, ready=ready_model, fit=fit_to_machine, batches=batches_of, task=_task)
