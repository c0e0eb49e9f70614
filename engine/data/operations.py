"""Photometric operations on uint8 [n, H, W, C] (C: 1 or 3), each picture with its own argument.

Every function takes the pictures and a float64 [n] on the CPU (if it has an argument) and gives what the functional of
the same name in ``torchvision.transforms.v2`` gives for each picture alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Operation = Callable[[Tensor, Tensor], Tensor]


def by_operation(pictures: Tensor, kinds: Tensor, arguments: Tensor, operations: Sequence[Operation | None]) -> None:
    """Change each picture by the operation of its kind, in place; pictures of one kind are changed together.

    Args:
        pictures: uint8 [B, H, W, C].
        kinds: int64 [B] on the CPU, positions in ``operations``; None leaves a picture as it is.
        arguments: float64 [B] on the CPU.
    """
    for kind, operation in enumerate(operations):
        places = (kinds == kind).nonzero().flatten() if operation else kinds[:0]
        if operation and len(places):
            there = places.to(pictures.device)
            pictures.index_copy_(0, there, operation(pictures.index_select(0, there), arguments[places]))


def brightness(pictures: Tensor, factors: Tensor) -> Tensor:
    """Every level multiplied by its factor."""
    return as_bytes(pictures * _for_each(factors, pictures))


def contrast(pictures: Tensor, factors: Tensor) -> Tensor:
    """Away from (or towards, below 1) the picture's mean grey."""
    means = grey(pictures).mean((1, 2, 3), keepdim=True)
    return _blend(pictures, means, factors)


def saturation(pictures: Tensor, factors: Tensor) -> Tensor:
    """Away from (or towards, below 1) each pixel's grey; grey pictures stay."""
    return pictures if pictures.shape[3] == 1 else _blend(pictures, grey(pictures), factors)


def sharpness(pictures: Tensor, factors: Tensor) -> Tensor:
    """Away from (or towards, below 1) the smoothed picture; the outermost pixels stay."""
    if min(pictures.shape[1:3]) <= 2:
        return pictures
    floats = pictures.float()
    columns = floats[:, :-2] + floats[:, 1:-1] + floats[:, 2:]
    inner = floats[:, 1:-1, 1:-1]
    sums = columns[:, :, :-2] + columns[:, :, 1:-1] + columns[:, :, 2:]
    smooth = sums.add_(inner, alpha=4).div_(13).round_()
    inner.addcmul_(smooth.sub_(inner), _for_each(1 - factors, pictures))
    return as_bytes(floats)


def posterize(pictures: Tensor, bits: Tensor) -> Tensor:
    """Only so many of the highest bits are kept."""
    masks = (256 - 2 ** (8 - bits.long())).byte().to(pictures.device)
    return pictures.bitwise_and(masks[:, None, None, None])


def solarize(pictures: Tensor, thresholds: Tensor) -> Tensor:
    """Levels from the threshold on are inverted."""
    return torch.where(pictures >= _for_each(thresholds, pictures), pictures.bitwise_not(), pictures)


def autocontrast(pictures: Tensor, _: Tensor) -> Tensor:
    """Each channel stretched so that its darkest level is 0 and its brightest 255."""
    floats = pictures.float()
    lowest, highest = floats.amin((1, 2), keepdim=True), floats.amax((1, 2), keepdim=True)
    flat = lowest == highest
    scales = (highest - lowest).mul_(1 / 255).masked_fill_(flat, 1)
    return as_bytes(floats.sub_(lowest.masked_fill_(flat, 0)).div_(scales))


def equalize(pictures: Tensor, _: Tensor) -> Tensor:
    """Each channel's levels spread so that all are about as frequent, as Pillow does it."""
    count, height, width, channels = pictures.shape
    offsets = 256 * torch.arange(count * channels, device=pictures.device).view(count, 1, 1, channels)
    places = pictures + offsets
    histogram = torch.zeros(count * channels * 256, dtype=torch.int32, device=pictures.device)
    histogram.scatter_add_(0, places.flatten(), histogram.new_ones(1).expand(places.numel()))
    histogram = histogram.view(count * channels, 256)
    before = histogram.cumsum(1) - histogram
    brightest = 255 - histogram.flip(1).ne(0).int().argmax(1, keepdim=True)
    steps = histogram.gather(1, brightest).neg_().add_(height * width).div_(255, rounding_mode="floor")
    levels = (before + steps // 2).div_(steps.clamp(min=1), rounding_mode="floor").clamp_(0, 255)
    levels = torch.where(steps > 0, levels, torch.arange(256, device=pictures.device))
    return levels.byte().flatten().index_select(0, places.flatten()).view_as(pictures)


def grey(pictures: Tensor) -> Tensor:
    """float32 [n, H, W, 1], whole levels by torchvision's weights of red, green and blue."""
    if pictures.shape[3] == 1:
        return pictures.float()
    levels = pictures[..., :1] * 0.2989
    return levels.add_(pictures[..., 1:2], alpha=0.587).add_(pictures[..., 2:], alpha=0.114).floor_()


def as_bytes(levels: Tensor) -> Tensor:
    """Floats cut to 0–255 and to whole levels, in place."""
    return levels.clamp_(0, 255).byte()


def _blend(pictures: Tensor, other: Tensor, factors: Tensor) -> Tensor:
    mixed = pictures * _for_each(factors, pictures)
    return as_bytes(mixed.addcmul_(other, _for_each(1 - factors, pictures)))


def _for_each(values: Tensor, pictures: Tensor) -> Tensor:
    """float64 [n] as float32 [n, 1, 1, 1] beside the pictures."""
    return values.float().to(pictures.device)[:, None, None, None]
