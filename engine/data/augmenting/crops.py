"""Random crops of pictures of many sizes, drawn for all pictures of an epoch at once."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

_TRIES = 10


@dataclass(frozen=True)
class RandomCrop:
    """Which part of a picture is resized to the model's input.

    Attributes:
        scale: smallest and largest share of the picture's area.
        ratio: smallest and largest width in relation to the height.
        interpolation: ``bilinear`` or ``bicubic``; both antialiased.
    """

    scale: tuple[float, float] = (0.08, 1.0)
    ratio: tuple[float, float] = (3 / 4, 4 / 3)
    interpolation: str = "bilinear"

    def draw(self, sizes: Tensor, random: torch.Generator) -> Tensor:
        """Draw the crops of pictures like ``torchvision.transforms.v2.RandomResizedCrop`` (Szegedy et al., 2015).

        Area and ratio are drawn until the crop fits into the picture, at most ten times; then its place. A picture that
        no crop fits into is cropped at its centre, as little as the ratios allow.

        Args:
            sizes: int64 [N, 2], height and width of each picture.

        Returns:
            int64 [N, 4]: top, left, height and width.
        """
        found = self._central(sizes)
        waiting = torch.ones(len(sizes), dtype=torch.bool)
        for _ in range(_TRIES):
            sides, places = self._sides(sizes, random), torch.rand(len(sizes), 2, generator=random, dtype=torch.float64)
            fits = waiting & ((sides > 0) & (sides <= sizes)).all(1)
            corners = (places * (sizes - sides + 1)).long()
            found = torch.where(fits[:, None], torch.cat((corners, sides), 1), found)
            waiting &= ~fits
        return found

    def _sides(self, sizes: Tensor, random: torch.Generator) -> Tensor:
        """Draw heights and widths, int64 [N, 2]."""
        empty = torch.empty(len(sizes), dtype=torch.float64)
        areas = sizes.prod(1) * empty.uniform_(*self.scale, generator=random)
        ratios = torch.empty_like(empty).uniform_(*map(math.log, self.ratio), generator=random).exp()
        return torch.stack(((areas / ratios).sqrt(), (areas * ratios).sqrt()), 1).round().long()

    def _central(self, sizes: Tensor) -> Tensor:
        heights, widths = sizes.unbind(1)
        narrow, wide = (torch.round(side).long() for side in (widths / self.ratio[0], heights * self.ratio[1]))
        sides = torch.stack((torch.minimum(heights, narrow), torch.minimum(widths, wide)), 1)
        return torch.cat(((sizes - sides) // 2, sides), 1)
