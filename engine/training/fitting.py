"""A model fitted to the machine: memory layout, small convolutions and compilation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from engine.config import RunConfig
from engine.errors import ConfigError
from engine.training.devices import Precision
from engine.training.machine import choose_channels_last
from engine.training.small_maps import DENSE, convolution_inputs, use_small_map_matrices

_EXAMPLE_BATCH = 32
_OTHER_FORMS = ("begun by an earlier version, with kernels for small convolutions that are gone: once resumed, its "
                "numbers may differ in their last digits")

Forward = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Fitted:
    """The model, and ``forward``: the same, as training calls it."""

    model: nn.Module
    forward: Forward
    channels_last: bool
    small_maps: dict[str, str]
    notes: tuple[str, ...] = ()


def fit_to_machine(
    model: nn.Module, config: RunConfig, precision: Precision, sides: tuple[int, int], device: torch.device,
    previous: dict[str, Any],
) -> Fitted:
    """Choose how the model computes fastest; what an earlier attempt of the run chose is taken over.

    In mixed precision or compiled, small convolutions stay stock.

    Args:
        sides: channels and side of its pictures.
        previous: ``resolved`` of the attempt that is resumed; empty for a new run.

    Raises:
        ConfigError: it is to be compiled where there is no compiler, or its gradients would be wrong in bfloat16.
    """
    channels, side = sides
    part = -(-config.batch_size // config.accumulate)
    example = torch.zeros(min(part, _EXAMPLE_BATCH), channels, side, side, device=device)
    if device.type == "cpu" and precision.mixed:
        _refuse_wrong_gradients(model, example)
    channels_last = choose_channels_last(model, example, precision, previous.get("channels_last"))
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    stock = precision.mixed or config.compile
    forms = {} if stock else use_small_map_matrices(model, example, previous.get("small_maps"))
    notes = () if set(forms.values()) <= {DENSE} else (_OTHER_FORMS,)
    return Fitted(model, _compiled(model, device) if config.compile else model, channels_last, forms, notes)


def _refuse_wrong_gradients(model: nn.Module, example: Tensor) -> None:
    """Refuse strided convolutions over maps smaller than their stride.

    Most of their taps only meet padding, and oneDNN's bfloat16 kernels leave the gradients of those unset.
    """
    for name, layer, x in convolution_inputs(model, example):
        small = any(side < step for side, step in zip(x.shape[2:], layer.stride, strict=True))
        if small and layer.weight[0, 0].numel() > 1:
            raise ConfigError("precision", "bf16", f"for pictures of {example.shape[-1]} px on a CPU: layer {name} "
                              f"sees only {x.shape[-1]} px, and its gradients would be wrong; use fp32 or larger "
                              "pictures")


def _compiled(model: nn.Module, device: torch.device) -> Forward:
    """The model compiled; its weights stay those of the model, under their own names."""
    if device.type == "cpu":
        from torch._inductor.cpp_builder import get_cpp_compiler
        from torch._inductor.exc import InvalidCxxCompiler

        try:
            get_cpp_compiler()
        except InvalidCxxCompiler as error:
            raise ConfigError("compile", True, "possible here: no C++ compiler was found") from error
    return cast(Forward, torch.compile(model))
