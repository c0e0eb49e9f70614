"""Fused optimizer steps at full speed for channels_last weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

_TO_CONTIGUOUS, _BACK = (0, 2, 3, 1), (0, 3, 1, 2)


def step_on_contiguous_views(optimizer: Optimizer) -> None:
    """During a step, show the optimizer its channels_last weights, gradients and state as contiguous views.

    torch's fused CPU kernels copy any tensor that is not contiguous, which costs more than the step itself. The
    same numbers are computed in the same way as long as the update treats every element alike, as SGD and Adam do.
    """
    seen: list[nn.Parameter] = []

    def before(optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        seen.extend(parameter for parameter in _with_gradients(optimizer) if _is_channels_last(parameter))
        for parameter in seen:
            _permute(optimizer, parameter, _TO_CONTIGUOUS)

    def after(optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        for parameter in seen:
            _permute(optimizer, parameter, _BACK)
        seen.clear()

    optimizer.register_step_pre_hook(before)
    optimizer.register_step_post_hook(after)


def _with_gradients(optimizer: Optimizer) -> Iterator[nn.Parameter]:
    for group in optimizer.param_groups:
        yield from (parameter for parameter in group["params"] if parameter.grad is not None)


def _is_channels_last(parameter: Tensor) -> bool:
    return parameter.device.type == "cpu" and parameter.ndim == 4 and not parameter.is_contiguous() \
        and parameter.is_contiguous(memory_format=torch.channels_last)


def _permute(optimizer: Optimizer, parameter: nn.Parameter, order: tuple[int, ...]) -> None:
    gradient = parameter.grad
    assert gradient is not None
    parameter.grad = None
    parameter.data = parameter.data.permute(order)
    parameter.grad = gradient.permute(order)
    state = optimizer.state.get(parameter, {})
    for name, value in state.items():
        if isinstance(value, Tensor) and value.ndim == 4:
            state[name] = value.permute(order)
