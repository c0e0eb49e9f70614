"""Colour jitter of whole batches: each picture with its own factors, in its own order."""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.data.augmenting.operations import as_bytes, grey
from engine.data.augmenting.recipe import Canvas, Operation

JITTERS = ("brightness", "contrast", "saturation")


@dataclass(frozen=True)
class Jitter(Operation):
    """Brightness, contrast and saturation change, in random order.

    Attributes:
        spread: how far from 1 their factors are at most.
    """

    spread: float

    def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """As :func:`draw_jitter`."""
        return draw_jitter(count, self.spread, random)

    def apply(self, pictures: Tensor, drawn: tuple[Tensor, Tensor]) -> Tensor:
        """As :func:`jittered`."""
        return jittered(pictures, *drawn)


def draw_jitter(count: int, spread: float, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """For each picture the order of :data:`JITTERS`, int64 [count, 3], and the factor of each of them, float64
    [count, 3] from 1 − spread to 1 + spread, as ``torchvision.transforms.v2.ColorJitter`` draws them."""
    order = torch.rand(count, len(JITTERS), generator=random).argsort(1)
    factors = torch.empty(count, len(JITTERS), dtype=torch.float64).uniform_(1 - spread, 1 + spread, generator=random)
    return order, factors


def jittered(pictures: Tensor, order: Tensor, factors: Tensor) -> Tensor:
    """Levels changed one jitter after the other, as whole levels in between.

    All three are the same sum, factor · picture + (1 − factor) · other, where the other is black (brightness), the
    picture's mean grey (contrast) or each pixel's grey (saturation): no picture has to wait for another's turn.

    Args:
        pictures: uint8 [B, C, H, W].
        order, factors: draws of :func:`draw_jitter`, on the CPU.

    Returns:
        uint8 [B, C, H, W].
    """
    levels, device = pictures.float(), pictures.device
    for kinds in order.unbind(1):
        drawn = factors.gather(1, kinds[:, None])
        factor, rest = (values.float().to(device)[:, :, None, None] for values in (drawn, 1 - drawn))
        greys = grey(levels)
        contrasts, saturations = ((kinds == kind).float().to(device)[:, None, None, None] for kind in (1, 2))
        other = (greys.mean((1, 2, 3), keepdim=True) * contrasts).addcmul(greys, saturations)
        if levels.shape[1] == 1:  # saturation leaves grey pictures as they are
            factor, other = torch.where(saturations > 0, 1, factor), other * (1 - saturations)
        levels.mul_(factor).addcmul_(other, rest).clamp_(0, 255).floor_()
    return as_bytes(levels)
