"""A task is what the loop needs to know of it: how to learn from a batch, and how to validate. The loop has no branch
by task."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn

from engine.config import RunConfig
from engine.data.facts import Facts
from engine.models.ready import Ready
from engine.tasks import located, task_row
from engine.training.fitting import Fitted
from engine.training.precision import Precision


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


class Task(Protocol):
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


@dataclass(frozen=True)
class Making:
    """How the parts of a run are made for a task.

    Attributes:
        load: the data set.
        ready: the model for pictures of a size; unless ``filled`` its weights are left at random, as a checkpoint's
            follow.
        fit: how it computes fastest, given channels and side, and what an earlier attempt of the run decided.
        batches: what the run learns from and is validated on.
        task: how it learns.
    """

    load: Callable[[RunConfig], Any]
    ready: Callable[[RunConfig, Facts, int, bool], Ready]
    fit: Callable[[nn.Module, RunConfig, Precision, tuple[int, int], torch.device, dict[str, Any]], Fitted]
    batches: Callable[[RunConfig, Any, Look], Batches[Any]]
    task: Callable[[RunConfig], Task]


def making(config: RunConfig) -> Making:
    """How the parts of this run are made."""
    found: Making = located(task_row(config.dataset).making)
    return found
