"""Faster training of convolutions with tiny output maps, for which stock kernels are inefficient.

At 2×2 pixels and below, most taps of a kernel only meet padding. One dense matrix from all input to all output pixels
computes the same sums as a large product. Whether it is faster depends on processor, layer and layout, so a short
measurement decides for each layer.
"""

import copy
from collections.abc import Callable
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.training.measurements import cached, clock, signature

DENSE = "dense"
_LARGEST_MAP = 4
_LARGEST_MATRIX = 1 << 23
_ROUNDS = 3
_WORTH_IT = 0.95


class SmallMapConv2d(nn.Conv2d):
    """A ``Conv2d`` that trains as a dense matrix while its maps are small; otherwise, and in evaluation, it is
    unchanged."""

    def forward(self, input: Tensor) -> Tensor:
        stock = not torch.is_grad_enabled() or not can_be_dense(self, input)
        return super().forward(input) if stock else dense(self, input)


def use_small_map_matrices(
    model: nn.Module, example: Tensor, previous: dict[str, str] | None = None,
) -> dict[str, str]:
    """Let layers of a CPU model train as dense matrices if that is faster; names and parameters stay.

    Args:
        example: [B, C, H, W], the model's input; only its shape matters.
        previous: the choice of an earlier attempt of the run, used without measuring; unknown forms are ignored.

    Returns:
        The chosen form by layer name, ready for JSON.
    """
    if example.device.type != "cpu":
        return {}
    chosen = previous
    if chosen is None:
        key = signature("dense_maps", model, example)
        chosen = cast(dict[str, str], cached(key, lambda: _fastest_forms(model, example)))
    for name, form in chosen.items():
        if form == DENSE:
            model.get_submodule(name).__class__ = SmallMapConv2d
    return chosen


def can_be_dense(layer: nn.Conv2d, x: Tensor) -> bool:
    """Whether a dense matrix can replace the layer on this input."""
    if (layer.groups != 1 or layer.dilation != (1, 1) or layer.padding_mode != "zeros" or isinstance(layer.padding, str)
            or x.ndim != 4 or any(pad >= size for pad, size in zip(layer.padding, layer.kernel_size, strict=True))
            or torch.is_autocast_enabled(x.device.type)):
        return False
    tops, lefts = _windows(layer, x)
    seen, made = x.shape[2] * x.shape[3], len(tops) * len(lefts)
    return (seen <= _LARGEST_MAP and 0 < made <= _LARGEST_MAP
            and seen * layer.in_channels * made * layer.out_channels <= _LARGEST_MATRIX)


def dense(layer: nn.Conv2d, x: Tensor) -> Tensor:
    """Compute the layer's output by one matrix product, equal up to float rounding."""
    weight, (height, width), (rows, columns) = layer.weight, x.shape[2:], layer.kernel_size
    # A 1×1 kernel is contiguous in both layouts, so its input determines the layout.
    last = not (weight if rows * columns > 1 else x).is_contiguous()
    kernel, channels = (weight.permute(0, 2, 3, 1), (0, 0)) if last else (weight, ())
    tops, lefts = _windows(layer, x)
    # A block is the kernel placed on the input for one output pixel; negative pads crop taps that only meet padding.
    # Autograd sums the gradients of the last block first: made in reverse, the sum has the same bits in every version.
    blocks = [functional.pad(kernel, (*channels, left, width - left - columns, top, height - top - rows))
              for top in reversed(tops) for left in reversed(lefts)]
    matrix = torch.stack(blocks[::-1], 0 if last else 1).reshape(len(blocks) * len(weight), -1)
    y = (x.permute(0, 2, 3, 1) if last else x).reshape(len(x), -1) @ matrix.t()
    sides = len(tops), len(lefts)
    y = y.view(len(x), *sides, len(weight)).permute(0, 3, 1, 2) if last else y.view(len(x), len(weight), *sides)
    return y if layer.bias is None else y + layer.bias[:, None, None]


def _windows(layer: nn.Conv2d, x: Tensor) -> tuple[range, range]:
    """Return the top of each output row's window on the input, and the left of each column's."""
    padding = cast(tuple[int, int], layer.padding)
    tops, lefts = (range(-pad, length + pad - size + 1, step) for pad, length, size, step
                   in zip(padding, x.shape[2:], layer.kernel_size, layer.stride, strict=True))
    return tops, lefts


def _fastest_forms(model: nn.Module, example: Tensor) -> dict[str, str]:
    known: dict[tuple[object, ...], bool] = {}
    chosen: dict[str, str] = {}
    for name, layer, x in convolution_inputs(model, example):
        if not can_be_dense(layer, x):
            continue
        shape = (tuple(x.shape), x.stride(), tuple(layer.weight.shape), layer.weight.stride(), layer.stride,
                 layer.padding)
        if shape not in known:
            known[shape] = _dense_is_faster(layer, x)
        if known[shape]:
            chosen[name] = DENSE
    return chosen


def convolution_inputs(model: nn.Module, example: Tensor) -> list[tuple[str, nn.Conv2d, Tensor]]:
    """Return each convolution's input from one forward pass, which leaves the model unchanged."""
    seen: list[tuple[str, nn.Conv2d, Tensor]] = []
    plain = [(name, layer) for name, layer in model.named_modules() if type(layer) is nn.Conv2d]

    def watch(name: str, layer: nn.Conv2d) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        return lambda _, inputs: seen.append((name, layer, torch.empty_like(inputs[0])))

    hooks = [layer.register_forward_pre_hook(watch(name, layer)) for name, layer in plain]
    training = {module: module.training for module in model.modules()}
    try:
        with torch.no_grad():
            model.eval()(example)
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in training.items():
            module.training = mode
    return seen


def _dense_is_faster(layer: nn.Conv2d, x: Tensor) -> bool:
    """Whether forward and backward pass are clearly faster as a dense matrix."""
    trial = copy.deepcopy(layer).requires_grad_()  # unlike a new layer, a copy draws no random numbers
    trial.bias = None
    x = x.fill_(0.5).requires_grad_()
    ways: tuple[Callable[[], Tensor], ...] = (partial(trial, x), partial(dense, trial, x))
    best = [float("inf")] * len(ways)
    for _ in range(1 + _ROUNDS):
        for place, forward in enumerate(ways):
            started = clock()
            forward().sum().backward()
            best[place] = min(best[place], clock() - started)
    return best[1] < _WORTH_IT * best[0]
