"""The learning rate of each step, for every parameter group."""

from typing import Any, Protocol

import torch
from torch import nn
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau

from engine.catalog.schedules import SCHEDULES
from engine.config import RunConfig

_WARMUP_START = 0.01


class _Course(Protocol):
    """A schedule of a rate whose full value is 1."""

    def factor(self, steps_done: int) -> float: ...


class Schedule:
    """Multiplies each group's full rate (its ``lr`` times its ``lr_scale``) by the schedule's factor.

    The factor depends only on the number of steps, so that resuming needs no state, except for ``plateau``. If the
    number of epochs is raised later, the rate follows the longer schedule from then on.
    """

    def __init__(self, config: RunConfig, optimizer: Optimizer, steps_per_epoch: int) -> None:
        self._optimizer = optimizer
        self._full: list[float] = [float(group["lr"]) * group.get("lr_scale", 1.0) for group in optimizer.param_groups]
        self._course = _course(config, steps_per_epoch)

    def set_for(self, steps_done: int) -> float:
        """Set every group's rate for the next step; returns the highest, the classifier's."""
        factor = self._course.factor(steps_done)
        for group, full in zip(self._optimizer.param_groups, self._full, strict=True):
            group["lr"] = full * factor
        return max(self._full) * factor

    def epoch_done(self, score: float) -> None:
        """Report the validation score."""
        if isinstance(self._course, _Plateau):
            self._course.epoch_done(score)

    def state(self) -> dict[str, Any]:
        """Return the state for a checkpoint, ready for JSON."""
        return self._course.state() if isinstance(self._course, _Plateau) else {}

    def restore(self, state: dict[str, Any]) -> None:
        """Restore what :meth:`state` returned."""
        if isinstance(self._course, _Plateau) and state:
            self._course.restore(state)


class _Timm:
    """timm's schedules."""

    def __init__(self, config: RunConfig, steps_per_epoch: int) -> None:
        from timm.scheduler import create_scheduler_v2

        row, epochs = SCHEDULES[config.schedule], config.epochs / config.cycles
        self._optimizer = _single_rate()
        self._timm, _ = create_scheduler_v2(
            self._optimizer, sched=row.timm, num_epochs=epochs,
            warmup_epochs=config.warmup_steps / steps_per_epoch or config.warmup_epochs,
            warmup_lr=_WARMUP_START, min_lr=config.min_lr / config.lr, decay_rate=0.1, step_on_epochs=False,
            cycle_limit=config.cycles, cycle_decay=1.0,
            decay_milestones=[max(1, round(config.epochs * share)) for share in row.milestones],
            updates_per_epoch=steps_per_epoch)

    def factor(self, steps_done: int) -> float:
        self._timm.step_update(steps_done)
        return _rate(self._optimizer)


class _OneCycle:
    """torch's ``OneCycleLR``; momentum stays as configured."""

    def __init__(self, config: RunConfig, steps_per_epoch: int) -> None:
        self._total, self._at = config.epochs * steps_per_epoch, 0
        self._optimizer = _single_rate()
        self._restart(0)

    def factor(self, steps_done: int) -> float:
        if steps_done == self._at + 1:
            self._optimizer.step()
            self._torch.step()
            self._at = steps_done
        elif steps_done != self._at:
            self._restart(steps_done)
        return _rate(self._optimizer)

    def _restart(self, steps_done: int) -> None:
        group = self._optimizer.param_groups[0]
        group |= {"initial_lr": 1 / 25, "max_lr": 1.0, "min_lr": 1 / 25 / 1e4}
        self._torch = OneCycleLR(self._optimizer, max_lr=1.0, total_steps=self._total, cycle_momentum=False,
                                 last_epoch=steps_done - 1)
        self._at = steps_done


class _Plateau:
    """torch's ``ReduceLROnPlateau`` on the validation score."""

    def __init__(self, config: RunConfig, steps_per_epoch: int) -> None:
        self._optimizer = _single_rate()
        self._torch = ReduceLROnPlateau(self._optimizer, mode="max", factor=0.1, patience=config.plateau_patience,
                                        threshold=0.0, threshold_mode="abs", eps=0.0)

    def factor(self, steps_done: int) -> float:
        return _rate(self._optimizer)

    def epoch_done(self, score: float) -> None:
        self._torch.step(score)

    def state(self) -> dict[str, Any]:
        return {"best": self._torch.best, "bad_epochs": self._torch.num_bad_epochs, "factor": _rate(self._optimizer)}

    def restore(self, state: dict[str, Any]) -> None:
        self._torch.best, self._torch.num_bad_epochs = state["best"], state["bad_epochs"]
        self._optimizer.param_groups[0]["lr"] = state["factor"]


def _course(config: RunConfig, steps_per_epoch: int) -> _Course:
    if SCHEDULES[config.schedule].timm:
        return _Timm(config, steps_per_epoch)
    courses: dict[str, type[_OneCycle] | type[_Plateau]] = {"onecycle": _OneCycle, "plateau": _Plateau}
    return courses[config.schedule](config, steps_per_epoch)


def _single_rate() -> Optimizer:
    """Return a dummy optimizer whose rate a schedule sets."""
    return SGD([nn.Parameter(torch.zeros(()))], lr=1.0)


def _rate(optimizer: Optimizer) -> float:
    return float(optimizer.param_groups[0]["lr"])
