"""The objective of classification: cross-entropy, and accuracy."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.config import RunConfig
from engine.data.batches import EvalBatches
from engine.data.mixing import Mixed
from engine.training.fitting import Forward
from engine.training.objective import Learnt, Meter

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


def objective(config: RunConfig) -> Classification:
    """The objective of a config."""
    return Classification(config.label_smoothing)


def epoch_scores(metrics: dict[str, float]) -> tuple[str, str]:
    """Training and validation accuracy of an epoch, for a line of the log."""
    whole = "train_accuracy" in metrics
    accuracy = f"{100 * metrics['train_accuracy' if whole else 'train_mixed_accuracy']:6.2f} %"
    return f"{accuracy}{'' if whole else ' (mixed)'}  ", f"{100 * metrics['val_accuracy']:6.2f} %"
