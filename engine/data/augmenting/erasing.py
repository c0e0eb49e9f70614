"""Random erasing of whole batches (Zhong et al. 2020), each picture with its own rectangle."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from engine.data.augmenting.recipe import Canvas, Operation
from engine.data.augmenting.rectangles import inside

_AREAS = (0.02, 0.33)
_RATIOS = (0.3, 3.3)
_TRIES = 10


@dataclass(frozen=True)
class Erase(Operation):
    """A rectangle of a picture is set to the mean colour.

    Attributes:
        probability: how often it is.
    """

    probability: float
    normalised: ClassVar[bool] = True

    def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> Tensor:
        """As :func:`draw_erased`."""
        return draw_erased(count, self.probability, canvas.size, random)

    def apply(self, pictures: Tensor, drawn: Tensor) -> Tensor:
        """In place; fast where the channels lie last in memory, as those of normalised pictures do."""
        erase(pictures.permute(0, 2, 3, 1), drawn)
        return pictures


def draw_erased(count: int, probability: float, size: int, random: torch.Generator) -> Tensor:
    """Rectangles int64 [count, 4], empty where nothing is erased, as ``torchvision.transforms.v2.RandomErasing`` draws
    them: area and aspect ratio until the rectangle is smaller than the picture, at most ten times; then its place."""
    areas = size**2 * torch.empty(count, _TRIES).uniform_(*_AREAS, generator=random)
    ratios = torch.empty(count, _TRIES).uniform_(*map(math.log, _RATIOS), generator=random).exp()
    sides = torch.stack(((areas / ratios).sqrt(), (areas * ratios).sqrt()), 2).round().long()
    fitting = (sides < size).all(2)
    sides = sides[torch.arange(count), fitting.int().argmax(1)]
    wanted = (torch.rand(count, generator=random) < probability) & fitting.any(1)
    sides = sides * wanted[:, None]
    starts = (torch.rand(count, 2, generator=random) * (size - sides + 1)).long()
    return torch.cat((starts, starts + sides), 1)


def erase(pictures: Tensor, boxes: Tensor) -> Tensor:
    """float32 [B, size, size, C] with the rectangles set to zero, in place; in normalised pictures that is the mean."""
    rows, columns = inside(boxes.to(pictures.device), *pictures.shape[2:])
    pictures.flatten(2).masked_fill_(rows & columns, 0.0)
    return pictures
