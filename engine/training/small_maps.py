"""Faster training of convolutions with tiny output maps, where the stock kernels waste most of their time.

At 2×2 pixels and below, the stock weight gradient runs far under the processor's speed, and most taps of a kernel only
meet padding. :mod:`engine.training.small_map_forms` holds two other forms of the same sums. Which is fastest depends on
processor, layer and layout, so a short measurement decides for each layer, and may well keep the stock one.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Literal, cast

import torch
from torch import Tensor, nn

from engine.training.measured import now, remembered, signature
from engine.training.small_map_forms import DenseForm, Pair, WeightForm, output_sides

Form = Literal["weight", "dense"]
_FUNCTIONS: dict[Form, type[WeightForm] | type[DenseForm]] = {"weight": WeightForm, "dense": DenseForm}
_LARGEST_MAP = 4
_LARGEST_MATRIX = 1 << 23
_ROUNDS = 3
_WORTH_IT = 0.95


class SmallMapConv2d(nn.Conv2d):
    """``Conv2d`` that trains in another form while its maps are small; otherwise, and in evaluation, it is stock."""

    form: Form

    def forward(self, input: Tensor) -> Tensor:
        if not torch.is_grad_enabled() or self.form not in possible_forms(self, input):
            return super().forward(input)
        return in_form(self, input, self.form)


def use_small_map_gradients(
    model: nn.Module, example: Tensor, previous: dict[str, Form] | None = None,
) -> dict[str, Form]:
    """Let the layers of a CPU model for which another form is faster train in it; names and parameters stay.

    Args:
        example: [B, C, H, W], pictures as the model will see them; only their shape matters.
        previous: what an earlier attempt of the run chose; taken over unmeasured.

    Returns:
        The chosen form by name of layer, ready for JSON.
    """
    if example.device.type != "cpu":
        return {}
    chosen = previous
    if chosen is None:
        key = signature("small_maps", model, example)
        chosen = cast(dict[str, Form], remembered(key, lambda: _fastest_forms(model, example)))
    for name, form in chosen.items():
        layer = cast(SmallMapConv2d, model.get_submodule(name))
        layer.__class__ = SmallMapConv2d
        layer.form = form
    return chosen


def possible_forms(layer: nn.Conv2d, x: Tensor) -> tuple[Form, ...]:
    """The forms that can stand in for a layer on this input, apart from the stock one."""
    if (layer.groups != 1 or layer.dilation != (1, 1) or layer.padding_mode != "zeros" or isinstance(layer.padding, str)
            or x.ndim != 4 or any(pad >= size for pad, size in zip(layer.padding, layer.kernel_size, strict=True))
            or torch.is_autocast_enabled(x.device.type)):
        return ()
    height, width = output_sides(x, layer.weight, *_geometry(layer))
    if not 0 < height * width <= _LARGEST_MAP:
        return ()
    pixels = x.shape[2] * x.shape[3]
    dense = pixels <= _LARGEST_MAP and pixels * height * width * layer.weight[..., 0, 0].numel() <= _LARGEST_MATRIX
    return ("weight", "dense") if dense else ("weight",)


def in_form(layer: nn.Conv2d, x: Tensor, form: Form) -> Tensor:
    """The layer's output, to be differentiated in that form."""
    weight = layer.weight
    # A 1×1 kernel lies the same either way; then its input tells how the model's tensors lie.
    last = not (weight if weight[0, 0].numel() > 1 else x).is_contiguous()
    y = cast(Tensor, _FUNCTIONS[form].apply(x, weight, *_geometry(layer), last))
    return y if layer.bias is None else y + layer.bias[:, None, None]


def _geometry(layer: nn.Conv2d) -> tuple[Pair, Pair]:
    return cast(Pair, layer.stride), cast(Pair, layer.padding)


def _fastest_forms(model: nn.Module, example: Tensor) -> dict[str, Form]:
    known: dict[tuple[object, ...], Form | None] = {}
    chosen: dict[str, Form] = {}
    for name, layer, x in convolution_inputs(model, example):
        if not possible_forms(layer, x):
            continue
        shape = (tuple(x.shape), x.stride(), tuple(layer.weight.shape), layer.weight.stride(), layer.stride,
                 layer.padding)
        if shape not in known:
            known[shape] = _fastest_form(layer, x)
        form = known[shape]
        if form:
            chosen[name] = form
    return chosen


def convolution_inputs(model: nn.Module, example: Tensor) -> list[tuple[str, nn.Conv2d, Tensor]]:
    """What each convolution is given, by one forward pass that changes nothing in the model."""
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


def _fastest_form(layer: nn.Conv2d, x: Tensor) -> Form | None:
    """The form whose forward and backward pass take the least time; None: the stock one, or too close to it."""
    trial = copy.deepcopy(layer).requires_grad_()  # unlike a new layer, a copy draws no random numbers
    trial.bias = None
    x = x.fill_(0.5).requires_grad_()
    ways: dict[Form | None, Callable[[], Tensor]] = {None: partial(trial, x)}
    ways |= {form: partial(in_form, trial, x, form) for form in possible_forms(layer, x)}
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(1 + _ROUNDS):
        for way, forward in ways.items():
            started = now()
            forward().sum().backward()
            best[way] = min(best[way], now() - started)
    fastest = min(best, key=lambda way: best[way])
    return fastest if best[fastest] < _WORTH_IT * best[None] else None
