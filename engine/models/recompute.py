"""Gradient checkpointing: activations are computed again in the backward pass instead of kept."""

from typing import Any

import torch
from torch import nn

from engine.errors import ConfigError

BATCH_NORM = nn.modules.batchnorm._BatchNorm


def recompute_activations(model: nn.Module, name: str) -> None:
    """Let a timm model keep the activations between its blocks only (Chen et al., 2016).

    Raises:
        ConfigError: it does not support this.
    """
    try:
        model.set_grad_checkpointing(True)  # type: ignore[operator]
    except (AttributeError, AssertionError) as error:
        raise ConfigError("gradient_checkpointing", True, f"an option of {name}, which does not support it") from error
    for module in model.modules():
        if isinstance(module, BATCH_NORM):
            module.register_forward_pre_hook(_hold_statistics)
            module.register_forward_hook(_release_statistics)


def _hold_statistics(module: Any, _inputs: Any) -> None:
    # The second forward pass of a batch happens inside the backward pass; it would count the batch twice.
    if torch._C._current_graph_task_id() != -1:
        module.held_momentum, module.momentum = module.momentum, 0.0


def _release_statistics(module: Any, _inputs: Any, _output: Any) -> None:
    if (held := module.__dict__.pop("held_momentum", None)) is not None:
        module.momentum = held
        module.num_batches_tracked -= 1
