"""Photometric operations on uint8 [n, C, H, W] (C: 1 or 3), with a separate argument for each picture.

Every function takes the pictures and a float64 [n] on the CPU, and returns what the functional of the same name in
``torchvision.transforms.v2`` returns for each picture.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Change = Callable[[Tensor, Tensor], Tensor]


def apply_by_kind(pictures: Tensor, kinds: Tensor, arguments: Tensor, changes: Sequence[Change | None]) -> Tensor:
    """Apply to each picture the change of its kind; pictures of one kind are changed together.

    Args:
        pictures: uint8 [B, C, H, W].
        kinds: int64 [B] on the CPU, positions in ``changes``; None leaves a picture unchanged.
        arguments: [B, …] on the CPU, passed to the changes.
    """
    order = kinds.argsort(stable=True)
    counts = kinds.bincount(minlength=len(changes)).tolist()
    groups = pictures.index_select(0, order.to(pictures.device)).split(counts)
    changed = [change(group, chosen) if change and len(group) else group
               for change, group, chosen in zip(changes, groups, arguments[order].split(counts), strict=True)]
    return torch.cat(changed).index_select(0, order.argsort().to(pictures.device))


def brightness(pictures: Tensor, factors: Tensor) -> Tensor:
    return to_bytes(pictures * _for_each(factors, pictures))


def contrast(pictures: Tensor, factors: Tensor) -> Tensor:
    """Blend with the picture's mean grey."""
    return _blend(pictures, grey(pictures).mean((1, 2, 3), keepdim=True), factors)


def saturation(pictures: Tensor, factors: Tensor) -> Tensor:
    """Blend with each pixel's grey; grey pictures do not change."""
    return pictures if pictures.shape[1] == 1 else _blend(pictures, grey(pictures), factors)


def sharpness(pictures: Tensor, factors: Tensor) -> Tensor:
    """Blend with the smoothed picture, except for the outermost pixels."""
    if min(pictures.shape[2:]) <= 2:
        return pictures
    floats = pictures.float()
    columns = floats[:, :, :-2] + floats[:, :, 1:-1] + floats[:, :, 2:]
    inner = floats[:, :, 1:-1, 1:-1]
    sums = columns[..., :-2] + columns[..., 1:-1] + columns[..., 2:]
    smooth = sums.add_(inner, alpha=4).div_(13).round_()
    inner.addcmul_(smooth.sub_(inner), _for_each(1 - factors, pictures))
    return to_bytes(floats)


def posterize(pictures: Tensor, bits: Tensor) -> Tensor:
    """Keep only the highest ``bits``, rounded to a whole number."""
    masks = (256 - 2 ** (8 - bits.round().long())).byte().to(pictures.device)
    return pictures.bitwise_and(masks[:, None, None, None])


def solarize(pictures: Tensor, thresholds: Tensor) -> Tensor:
    """Invert levels from the threshold on, where 1 is white."""
    return torch.where(pictures >= _for_each(255 * thresholds, pictures), pictures.bitwise_not(), pictures)


def invert(pictures: Tensor, _: Tensor) -> Tensor:
    return pictures.bitwise_not()


def autocontrast(pictures: Tensor, _: Tensor) -> Tensor:
    """Stretch each channel so that its darkest level becomes 0 and its brightest 255."""
    floats = pictures.float()
    lowest, highest = floats.amin((2, 3), keepdim=True), floats.amax((2, 3), keepdim=True)
    flat = lowest == highest
    scales = (highest - lowest).mul_(1 / 255).masked_fill_(flat, 1)
    return to_bytes(floats.sub_(lowest.masked_fill_(flat, 0)).div_(scales))


def equalize(pictures: Tensor, _: Tensor) -> Tensor:
    """Equalise the histogram of each channel, as Pillow does."""
    count, channels, height, width = pictures.shape
    offsets = 256 * torch.arange(count * channels, device=pictures.device).view(count, channels, 1, 1)
    places = (pictures + offsets).flatten()
    histogram = torch.zeros(count * channels * 256, dtype=torch.int32, device=pictures.device)
    histogram.scatter_add_(0, places, histogram.new_ones(1).expand(len(places)))
    histogram = histogram.view(-1, 256)
    before = histogram.cumsum(1) - histogram
    brightest = 255 - histogram.flip(1).ne(0).int().argmax(1, keepdim=True)
    steps = histogram.gather(1, brightest).neg_().add_(height * width).div_(255, rounding_mode="floor")
    levels = (before + steps // 2).div_(steps.clamp(min=1), rounding_mode="floor").clamp_(0, 255)
    levels = torch.where(steps > 0, levels, torch.arange(256, device=pictures.device))
    return levels.byte().flatten().index_select(0, places).view_as(pictures)


def grey(pictures: Tensor) -> Tensor:
    """Return whole grey levels with torchvision's weights, float32 [n, 1, H, W], of bytes or floats."""
    if pictures.shape[1] == 1:
        return pictures.float()
    levels = pictures[:, :1] * 0.2989
    return levels.add_(pictures[:, 1:2], alpha=0.587).add_(pictures[:, 2:], alpha=0.114).floor_()


def _blend(pictures: Tensor, other: Tensor, factors: Tensor) -> Tensor:
    mixed = pictures * _for_each(factors, pictures)
    return to_bytes(mixed.addcmul_(other, _for_each(1 - factors, pictures)))


def to_bytes(levels: Tensor) -> Tensor:
    """Clamp floats to 0–255, in place, and truncate them to bytes."""
    return levels.clamp_(0, 255).short().byte()  # four times as fast as .byte() alone


def _for_each(values: Tensor, pictures: Tensor) -> Tensor:
    """Reshape float64 [n] to float32 [n, 1, 1, 1] on the pictures' device."""
    return values.float().to(pictures.device)[:, None, None, None]


def inside(boxes: Tensor, size: int, channels: int) -> tuple[Tensor, Tensor]:
    """Return which rows, bool [B, size, 1], and which values of each row, bool [B, 1, size · channels], lie in the
    rectangles int64 [B, 4]: left, top, right and bottom in pixels, the last two exclusive."""
    lefts, tops, rights, bottoms = boxes[:, :, None, None].unbind(1)
    rows = torch.arange(size, device=boxes.device)[:, None]
    columns = torch.arange(size * channels, device=boxes.device) // channels
    return (rows >= tops) & (rows < bottoms), (columns >= lefts) & (columns < rights)
