"""Colour jitter of whole batches, with separate factors and order for each picture."""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.data.augmenting.operations import grey, to_bytes
from engine.data.augmenting.recipe import Canvas, Operation

JITTERS = ("brightness", "contrast", "saturation")


@dataclass(frozen=True)
class Jitter(Operation):
    """Changes brightness, contrast and saturation, in random order.

    Attributes:
        spread: largest distance of their factors from 1.
    """

    spread: float

    def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw like ``torchvision.transforms.v2.ColorJitter``.

        Returns:
            Each picture's order of :data:`JITTERS`, int64 [count, 3], and their factors, float64 [count, 3].
        """
        shape = count, len(JITTERS)
        factors = torch.empty(shape, dtype=torch.float64)
        order = torch.rand(shape, generator=random).argsort(1)
        return order, factors.uniform_(1 - self.spread, 1 + self.spread, generator=random)

    def apply(self, pictures: Tensor, drawn: tuple[Tensor, Tensor]) -> Tensor:
        """Apply the three changes one after the other, rounding to whole levels in between.

        Each change is the same sum, factor · picture + (1 − factor) · other, where the other is black (brightness), the
        picture's mean grey (contrast) or each pixel's grey (saturation). So all pictures change at once, whatever their
        order.
        """
        order, factors = drawn
        levels, device = pictures.float(), pictures.device
        for kinds in order.unbind(1):
            chosen = factors.gather(1, kinds[:, None])
            factor, rest = (values.float().to(device)[:, :, None, None] for values in (chosen, 1 - chosen))
            greys = grey(levels)
            contrasts, saturations = ((kinds == kind).float().to(device)[:, None, None, None] for kind in (1, 2))
            other = (greys.mean((1, 2, 3), keepdim=True) * contrasts).addcmul(greys, saturations)
            if levels.shape[1] == 1:  # saturation does not change grey pictures
                factor, other = torch.where(saturations > 0, 1, factor), other * (1 - saturations)
            levels.mul_(factor).addcmul_(other, rest).clamp_(0, 255).floor_()
        return to_bytes(levels)
