"""The interface between loop and task: batches, and an objective for training and validation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn

from engine.config import RunConfig
from engine.data.ledger import Ledger
from engine.errors import ConfigError
from engine.words import listed


@dataclass
class Meter:
    """Sums over the pictures since the epoch began, kept on the device."""

    seen: int = 0
    sums: dict[str, Tensor] = field(default_factory=dict)

    def add(self, count: int, **sums: Tensor) -> None:
        """Add sums over ``count`` pictures, as float64 scalars if the device supports them."""
        self.seen += count
        for name, value in sums.items():
            value = value.detach().to(torch.float32 if value.device.type == "mps" else torch.float64)
            self.sums[name] = self.sums[name].to(value) + value if name in self.sums else value

    def means(self) -> dict[str, float]:
        """Return each sum divided by the number of pictures."""
        return {name: float(total) / max(self.seen, 1) for name, total in self.sums.items()}

    def state(self) -> dict[str, float]:
        return {"seen": self.seen, **{name: float(total) for name, total in self.sums.items()}}

    @classmethod
    def restored(cls, state: dict[str, float]) -> Meter:
        sums = {name: torch.tensor(value, dtype=torch.float64) for name, value in state.items() if name != "seen"}
        return cls(int(state.get("seen", 0)), sums)


@dataclass(frozen=True)
class BatchLosses:
    """Losses of a batch or a part of one.

    Attributes:
        losses: scalars by name: ``loss``, the mean to minimise, and its terms if several.
        count: adds the batch to a meter.
    """

    losses: dict[str, Tensor]
    count: Callable[[Meter], None]


class Objective(Protocol):
    """The training loss and validation of a task. Pictures and targets are what the task's batches yield; both can be
    sliced."""

    def learn(self, forward: Callable[..., Any], images: Any, targets: Any) -> BatchLosses:
        """Return the losses of a batch, for a model in training mode."""

    def validate(self, model: nn.Module, batches: Any) -> dict[str, float]:
        """Return means over all validation pictures, for a model in evaluation mode: ``loss`` and the task's score
        without ``val_``."""


class TrainingBatches(Protocol):
    @property
    def steps_per_epoch(self) -> int: ...

    def epoch(self, epoch: int, start_step: int = 0) -> Iterator[tuple[Any, Any]]:
        """Yield the batches of one epoch from ``start_step`` on, the same as without skipping."""


class LoadedData(Protocol):
    """A data set of any task."""

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def mean(self) -> tuple[float, ...]: ...

    @property
    def std(self) -> tuple[float, ...]: ...

    @property
    def ledger(self) -> Ledger: ...


@dataclass(frozen=True)
class InputFormat:
    """The model's input format, in training and validation."""

    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    device: torch.device
    channels_last: bool


Learnable = TypeVar("Learnable", bound=TrainingBatches)


@dataclass(frozen=True)
class Batches(Generic[Learnable]):
    """Batches for training and validation; ``resolved`` and ``notes`` describe them."""

    train: Learnable
    validation: Any
    resolved: dict[str, Any]
    notes: tuple[str, ...]


def check_batch_size(config: RunConfig, pictures: int) -> None:
    """Check that a batch is not larger than the training part.

    Raises:
        ConfigError: it is.
    """
    if config.batch_size > pictures:
        raise ConfigError("batch_size", config.batch_size, f"at most {pictures}, the number of training pictures")


def skipped_note(skipped: Sequence[str]) -> list[str]:
    """Return a note on unreadable pictures, if any."""
    return [f"{len(skipped):,} unreadable left out: {listed(skipped, separator='; ')}"] if skipped else []
