"""Fits a model to the machine: memory layout, small convolutions and compilation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from engine.config import RunConfig
from engine.data.resize import shrunk
from engine.errors import ConfigError
from engine.training.devices import Precision
from engine.training.machine import choose_channels_last, release_freed_memory
from engine.training.small_maps import DENSE, convolution_inputs, use_small_map_matrices

_EXAMPLE_BATCH = 32
_OTHER_FORMS = ("started by an earlier version, with kernels for small convolutions that no longer exist: after "
                "resuming, results may differ in the last digits")

Forward = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class FittedModel:
    """The model, and ``forward``: the same model as called in training, maybe compiled."""

    model: nn.Module
    forward: Forward
    channels_last: bool
    small_maps: dict[str, str]
    notes: tuple[str, ...] = ()


def fit_to_machine(
    model: nn.Module, config: RunConfig, precision: Precision, sides: tuple[int, int], device: torch.device,
    previous: dict[str, Any],
) -> FittedModel:
    """Choose the fastest form of the model, or the one of the run's earlier attempt.

    With mixed precision or compilation, small convolutions are unchanged.

    Args:
        sides: channels and side of its pictures.
        previous: ``resolved`` of the attempt that is resumed; empty for a new run.

    Raises:
        ConfigError: there is no compiler, or bfloat16 gradients would be wrong.
    """
    channels, side = sides
    part = -(-config.batch_size // config.accumulate)
    example = torch.zeros(min(part, _EXAMPLE_BATCH), channels, side, side, device=device)
    if device.type == "cpu" and precision.mixed:
        _refuse_wrong_gradients(model, shrunk(example, config.start_size or side))
    channels_last = choose_channels_last(model, example, precision, previous.get("channels_last"))
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    stock = precision.mixed or config.compile
    forms = {} if stock else use_small_map_matrices(model, example, previous.get("small_maps"))
    release_freed_memory()
    notes = () if set(forms.values()) <= {DENSE} else (_OTHER_FORMS,)
    return FittedModel(model, _compile(model, device) if config.compile else model, channels_last, forms, notes)


def _refuse_wrong_gradients(model: nn.Module, example: Tensor) -> None:
    """Reject strided convolutions over maps smaller than their stride. oneDNN's bfloat16 kernels leave the gradients of
    taps that only meet padding unset."""
    for name, layer, x in convolution_inputs(model, example):
        small = any(side < step for side, step in zip(x.shape[2:], layer.stride, strict=True))
        if small and layer.weight[0, 0].numel() > 1:
            raise ConfigError("precision", "bf16", f"for pictures of {example.shape[-1]} px on a CPU: layer {name} "
                              f"has an input of only {x.shape[-1]} px, and its gradients would be wrong; use fp32 or "
                              "larger pictures")


def _compile(model: nn.Module, device: torch.device) -> Forward:
    """Compile the model; its weights keep their names."""
    if device.type == "cpu":
        from torch._inductor.cpp_builder import get_cpp_compiler
        from torch._inductor.exc import InvalidCxxCompiler

        try:
            get_cpp_compiler()
        except InvalidCxxCompiler as error:
            raise ConfigError("compile", True, "possible here: no C++ compiler was found") from error
    return cast(Forward, torch.compile(model))
