"""A task is what the loop needs to know of it: a loss, and what to count. The loop has no branch by task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from engine.data.mixing import Mixed

Targets = Tensor | Mixed
LossFunction = Callable[[Tensor, Targets], Tensor]


@dataclass
class Meter:
    """Sums over the pictures seen since the epoch began, kept on the device until asked for."""

    seen: int = 0
    sums: dict[str, Tensor] = field(default_factory=dict)

    def add(self, count: int, **sums: Tensor) -> None:
        """Add sums over ``count`` pictures, as float64 scalars where the device has them."""
        self.seen += count
        for name, value in sums.items():
            value = value.detach().to(torch.float32 if value.device.type == "mps" else torch.float64)
            self.sums[name] = self.sums[name].to(value) + value if name in self.sums else value

    def means(self) -> dict[str, float]:
        """Each sum divided by the pictures seen."""
        return {name: float(total) / max(self.seen, 1) for name, total in self.sums.items()}

    def state(self) -> dict[str, float]:
        return {"seen": self.seen, **{name: float(total) for name, total in self.sums.items()}}

    @classmethod
    def restored(cls, state: dict[str, float]) -> Meter:
        sums = {name: torch.tensor(value, dtype=torch.float64) for name, value in state.items() if name != "seen"}
        return cls(int(state.get("seen", 0)), sums)


@dataclass(frozen=True)
class Task:
    """What is learnt and how it is counted.

    Attributes:
        loss: (outputs, targets) to the mean loss of a training batch.
        plain_loss: the same as it is validated, without what only training adds to it.
        count: adds a batch, by its loss, outputs and targets, to a meter.
    """

    loss: LossFunction
    plain_loss: LossFunction
    count: Callable[[Meter, Tensor, Tensor, Targets], None]


def classification(label_smoothing: float = 0.0) -> Task:
    """Cross-entropy and accuracy; of mixed pictures the loss against both labels, by their shares.

    A mixture has no one right class. What is counted of it is ``mixed_accuracy``: the share of the label that the
    predicted class has, so it cannot reach 1 and must not be compared with the accuracy of whole pictures.

    Args:
        label_smoothing: share of every label that is spread evenly over all classes while training.
    """
    return Task(lambda logits, targets: _cross_entropy(logits, targets, label_smoothing), _cross_entropy, _count)


def _cross_entropy(logits: Tensor, targets: Targets, label_smoothing: float = 0.0) -> Tensor:
    if isinstance(targets, Tensor):
        return functional.cross_entropy(logits, targets, label_smoothing=label_smoothing)
    first, second = (functional.cross_entropy(logits, labels, label_smoothing=label_smoothing, reduction="none")
                     for labels in (targets.first, targets.second))
    return torch.lerp(second, first, targets.share.to(first.dtype)).mean()


def _count(meter: Meter, loss: Tensor, logits: Tensor, targets: Targets) -> None:
    count, predicted = len(targets), logits.detach().argmax(1)
    total = loss.detach() * count
    if isinstance(targets, Tensor):
        meter.add(count, loss=total, accuracy=(predicted == targets).sum())
        return
    right = targets.share * (predicted == targets.first) + (1 - targets.share) * (predicted == targets.second)
    meter.add(count, loss=total, mixed_accuracy=right.sum())
