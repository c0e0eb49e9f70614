"""A task is what the loop needs to know of it: a loss, and what to count. The loop has no branch by task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

LossFunction = Callable[[Tensor, Tensor], Tensor]


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
            self.sums[name] = self.sums[name] + value if name in self.sums else value

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
    """``loss`` maps (logits, targets) to the batch's mean loss; ``count`` adds a batch to a meter."""

    loss: LossFunction
    count: Callable[[Meter, Tensor, Tensor, Tensor], None]


def _count_classification(meter: Meter, loss: Tensor, logits: Tensor, targets: Tensor) -> None:
    count = targets.shape[0]
    meter.add(count, loss=loss.detach() * count, accuracy=(logits.detach().argmax(1) == targets).sum())


CLASSIFICATION = Task(loss=functional.cross_entropy, count=_count_classification)
