"""What the loop asks of a task: batches, and an objective that learns from one and is validated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn


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
class Learnt:
    """What a batch, or a part of one, gave.

    Attributes:
        losses: scalars by name: ``loss``, the batch's mean that is descended, and the terms it is the sum of, if it is
            of several.
        count: adds the batch to a meter.
    """

    losses: dict[str, Tensor]
    count: Callable[[Meter], None]


class Objective(Protocol):
    """What is learnt of a config. Pictures and targets are whatever the task's batches yield; both can be cut."""

    def learn(self, forward: Callable[..., Any], images: Any, targets: Any) -> Learnt:
        """The losses of a batch, of a model in training mode as training calls it."""

    def validate(self, model: nn.Module, batches: Any) -> dict[str, float]:
        """Means over all validation pictures, of a model in evaluation mode: ``loss``, and the score of the task as
        :data:`engine.tasks.TASKS` names it, without ``val_``."""


class TrainingBatches(Protocol):
    """What is learnt from."""

    @property
    def steps_per_epoch(self) -> int: ...

    def epoch(self, epoch: int, start_step: int = 0) -> Iterator[tuple[Any, Any]]:
        """The batches of one epoch; from ``start_step`` on they are exactly what they are without skipping."""


class LoadedData(Protocol):
    """What everybody asks of a data set of any task."""

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def mean(self) -> tuple[float, ...]: ...

    @property
    def std(self) -> tuple[float, ...]: ...


@dataclass(frozen=True)
class Look:
    """How pictures are shown to the model, the same for training and validation."""

    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    device: torch.device
    channels_last: bool


Learnable = TypeVar("Learnable", bound=TrainingBatches)


@dataclass(frozen=True)
class Batches(Generic[Learnable]):
    """Batches for training and validation; ``resolved`` and ``notes`` tell what they are made of."""

    train: Learnable
    validation: Any
    resolved: dict[str, Any]
    notes: tuple[str, ...]
