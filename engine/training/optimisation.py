"""The optimizer of a run, through timm's factory."""

from __future__ import annotations

from typing import Any

from torch.optim import Optimizer

from engine.catalog.optimizers import optimizer_row
from engine.config import RunConfig
from engine.errors import ConfigError


def build_optimizer(config: RunConfig, groups: list[dict[str, Any]]) -> Optimizer:
    """timm's optimizer by that name for these groups of parameters, fused where torch can.

    Args:
        groups: each with ``params`` and ``weight_decay``, and where it differs from the config's its ``lr``, or an
            ``lr_scale`` of it.

    Raises:
        ConfigError: the optimizer cannot take these parameters.
    """
    from timm.optim import create_optimizer_v2

    row = optimizer_row(config.optimizer)
    options = row.options(config) | ({"fused": True} if row.fused else {})
    try:
        optimizer: Optimizer = create_optimizer_v2(groups, opt=row.timm, lr=config.lr, **options)
    except (ValueError, TypeError, AssertionError) as error:
        raise ConfigError("optimizer", config.optimizer, f"an optimizer for this model: {error}") from error
    return optimizer
