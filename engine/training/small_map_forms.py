"""Two forms of a convolution onto a tiny map, as autograd functions made of large matrix products.

Both take x [N, C, H, W], weight [O, C, h, w], stride and padding as (vertical, horizontal), and whether tensors lie
channels_last; zero padding, no dilation, no groups. They agree with the stock convolution up to float rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

Pair = tuple[int, int]


class WeightForm(torch.autograd.Function):
    """Forward pass and input gradient are stock; the weight gradient is im2col and one product."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: Pair, padding: Pair, last: bool) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.options = stride, padding, last
        return functional.conv2d(x, weight, None, stride, padding)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,), (x, weight), (stride, padding, last) = gradients, ctx.saved_tensors, ctx.options
        grad_x = grad_weight = None
        if ctx.needs_input_grad[0]:
            grad_x = torch.ops.aten.convolution_backward(
                gradient, x, weight, None, stride, padding, (1, 1), False, (0, 0), 1, (True, False, False))[0]
        if ctx.needs_input_grad[1]:
            grad_weight = weight_gradient(x, gradient, weight, stride, padding, last)
        return grad_x, grad_weight, None, None, None


class DenseForm(torch.autograd.Function):
    """The convolution as one matrix from all input to all output pixels; each of the three passes is one product."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: Pair, padding: Pair, last: bool) -> Tensor:
        inputs, outputs = _sides(x), output_sides(x, weight, stride, padding)
        height, width = outputs
        meetings = list(_meetings(weight, inputs, outputs, stride, padding))
        everywhere = all(pixels == slice(0, side) for part, _ in meetings
                         for pixels, side in zip(part[3:], inputs, strict=True))
        matrix = (weight.new_empty if everywhere else weight.new_zeros)(len(weight) * height * width, x[0].numel())
        blocks = _blocks(matrix, weight, inputs, outputs, last)
        for part, taps in meetings:
            blocks[part] = weight[taps].permute(0, 2, 3, 1)
        flat = _flat(x, last)
        ctx.save_for_backward(flat, matrix, weight)
        ctx.options = x.shape, outputs, stride, padding, last
        return _unflat(flat @ matrix.t(), (len(x), len(weight), *outputs), last)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        flat, matrix, weight = ctx.saved_tensors
        shape, outputs, stride, padding, last = ctx.options
        gradient = _flat(gradients[0], last)
        grad_x = grad_weight = None
        if ctx.needs_input_grad[0]:
            grad_x = _unflat(gradient @ matrix, shape, last)
        if ctx.needs_input_grad[1]:
            grad_weight = torch.zeros_like(weight)
            blocks = _blocks(gradient.t() @ flat, weight, shape[2:], outputs, last)
            for part, taps in _meetings(weight, shape[2:], outputs, stride, padding):
                grad_weight[taps] += blocks[part].permute(0, 3, 1, 2)
        return grad_x, grad_weight, None, None, None


def weight_gradient(
    x: Tensor, gradient: Tensor, weight: Tensor, stride: Pair, padding: Pair, last: bool,
) -> Tensor:
    """The gradient of the weight, in its layout, from the output's gradient [N, O, h', w'].

    Taps that only ever meet the padding have gradient zero and are left out of the product.
    """
    outputs = _sides(gradient)
    live = [slice(max(0, pad - (out - 1) * step), min(size, length + pad)) for pad, out, step, size, length
            in zip(padding, outputs, stride, weight.shape[2:], _sides(x), strict=True)]
    windows = functional.pad(x.permute(0, 2, 3, 1), (0, 0, padding[1], padding[1], padding[0], padding[0]))
    for axis, (taps, step, out) in enumerate(zip(live, stride, outputs, strict=True), start=1):
        length = taps.stop - taps.start
        windows = windows.narrow(axis, taps.start, (out - 1) * step + length).unfold(axis, length, step)
    columns = windows.permute(0, 1, 2, 4, 5, 3) if last else windows
    flat = gradient.permute(0, 2, 3, 1).reshape(-1, len(weight))
    block = (flat.t() @ columns.reshape(len(flat), -1)).view(len(weight), *columns.shape[3:])
    block = block.permute(0, 3, 1, 2) if last else block
    if block.shape == weight.shape:
        return block
    whole = torch.zeros_like(weight)
    whole[:, :, live[0], live[1]] = block
    return whole


def output_sides(x: Tensor, weight: Tensor, stride: Pair, padding: Pair) -> Pair:
    """Height and width of the output map."""
    height, width = ((length + 2 * pad - size) // step + 1 for length, pad, size, step
                     in zip(_sides(x), padding, weight.shape[2:], stride, strict=True))
    return height, width


def _sides(pictures: Tensor) -> Pair:
    return pictures.shape[2], pictures.shape[3]


def _meetings(
    weight: Tensor, inputs: Pair, outputs: Pair, stride: Pair, padding: Pair,
) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """For each output pixel: where in ``blocks`` the input pixels it sees are, and the taps it sees them through."""
    for y in range(outputs[0]):
        for x in range(outputs[1]):
            seen, taps = [], []
            for place, side, step, pad, size in zip((y, x), inputs, stride, padding, weight.shape[2:], strict=True):
                first = place * step - pad
                pixels = slice(max(0, first), min(side, first + size))
                seen.append(pixels)
                taps.append(slice(pixels.start - first, pixels.stop - first))
            yield (y, x, slice(None), *seen), (slice(None), slice(None), *taps)


def _blocks(matrix: Tensor, weight: Tensor, inputs: Pair, outputs: Pair, last: bool) -> Tensor:
    """The matrix seen as [h', w', O, H, W, C], whichever way pictures are flattened."""
    channels_out, channels_in = weight.shape[:2]
    if last:
        return matrix.view(*outputs, channels_out, *inputs, channels_in)
    return matrix.view(channels_out, *outputs, channels_in, *inputs).permute(1, 2, 0, 4, 5, 3)


def _flat(pictures: Tensor, last: bool) -> Tensor:
    return (pictures.permute(0, 2, 3, 1) if last else pictures).reshape(len(pictures), -1)


def _unflat(flat: Tensor, shape: tuple[int, ...], last: bool) -> Tensor:
    count, channels, height, width = shape
    return flat.view(count, height, width, channels).permute(0, 3, 1, 2) if last else flat.view(shape)
