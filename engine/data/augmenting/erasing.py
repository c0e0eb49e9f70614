"""Random erasing of whole batches (Zhong et al. 2020), with a separate rectangle for each picture."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from engine.data.augmenting.operations import inside
from engine.data.augmenting.recipe import Canvas, Operation

_AREAS = (0.02, 0.33)
_RATIOS = (0.3, 3.3)
_TRIES = 10


@dataclass(frozen=True)
class Erase(Operation):
    """Sets a rectangle of a picture to the mean colour.

    Attributes:
        probability: how often a picture is erased.
    """

    probability: float
    normalised: ClassVar[bool] = True

    def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> Tensor:
        """Draw rectangles int64 [count, 4], empty where nothing is erased, like
        ``torchvision.transforms.v2.RandomErasing``.

        Area and aspect ratio are drawn until the rectangle fits into the picture, at most ten times; then its place.
        """
        size = canvas.size
        areas = size**2 * torch.empty(count, _TRIES).uniform_(*_AREAS, generator=random)
        ratios = torch.empty(count, _TRIES).uniform_(*map(math.log, _RATIOS), generator=random).exp()
        sides = torch.stack(((areas / ratios).sqrt(), (areas * ratios).sqrt()), 2).round().long()
        fitting = (sides < size).all(2)
        sides = sides[torch.arange(count), fitting.int().argmax(1)]
        wanted = (torch.rand(count, generator=random) < self.probability) & fitting.any(1)
        sides = sides * wanted[:, None]
        starts = (torch.rand(count, 2, generator=random) * (size - sides + 1)).long()
        return torch.cat((starts, starts + sides), 1)

    def apply(self, pictures: Tensor, drawn: Tensor) -> Tensor:
        """Set the rectangles to zero, the mean of normalised pictures, in place; fastest if channels are last in
        memory."""
        pixels = pictures.permute(0, 2, 3, 1)
        rows, columns = inside(drawn.to(pixels.device), *pixels.shape[2:])
        pixels.flatten(2).masked_fill_(rows & columns, 0.0)
        return pictures
