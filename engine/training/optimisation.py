"""Optimizer and schedule of a run, through timm's factories."""

from __future__ import annotations

from torch import nn
from torch.optim import Optimizer

from engine.config import RunConfig
from engine.training.fused_steps import step_on_contiguous_views
from engine.training.optimizers import OPTIMIZERS
from engine.training.schedules import SCHEDULES


class Schedule:
    """The learning rate as a function of the optimizer steps done, so that resuming needs no state.

    The limit may be raised later: the rate then follows the longer schedule from that step on.
    """

    def __init__(self, config: RunConfig, optimizer: Optimizer, steps_per_epoch: int) -> None:
        from timm.scheduler import create_scheduler_v2

        row = SCHEDULES[config.schedule]
        self._optimizer = optimizer
        self._timm = None
        if row.timm:
            self._timm, _ = create_scheduler_v2(
                optimizer, sched=row.timm, num_epochs=config.epochs, warmup_epochs=config.warmup_epochs,
                warmup_lr=config.lr / 100, min_lr=0.0, decay_rate=0.1, step_on_epochs=False,
                decay_milestones=[max(1, round(config.epochs * share)) for share in row.milestones],
                updates_per_epoch=steps_per_epoch)

    def set_for(self, steps_done: int) -> float:
        """Set the rate for the next step; returns it."""
        if self._timm is not None:
            self._timm.step_update(steps_done)
        return float(self._optimizer.param_groups[0]["lr"])


def build_optimizer(config: RunConfig, model: nn.Module) -> Optimizer:
    """timm's optimizer by that name, fused where torch can; weight decay spares norms and biases."""
    from timm.optim import create_optimizer_v2

    row = OPTIMIZERS[config.optimizer]
    options = {name: getattr(config, name) for name in row.options}
    optimizer: Optimizer = create_optimizer_v2(
        model, opt=row.timm, lr=config.lr, weight_decay=config.weight_decay, fused=True, **options)
    step_on_contiguous_views(optimizer)
    return optimizer
