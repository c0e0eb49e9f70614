"""Random erasing of whole batches (Zhong et al. 2020), each picture with its own rectangle."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.data.augmenting.rectangles import inside

_AREAS = (0.02, 0.33)
_RATIOS = (0.3, 3.3)
_TRIES = 10


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
