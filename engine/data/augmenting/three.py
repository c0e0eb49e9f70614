"""3-Augment: one of three strong changes for each picture (Touvron et al., DeiT III, 2022)."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from engine.data.augmenting.operations import Change, apply_by_kind, grey, solarize, to_bytes
from engine.data.augmenting.recipe import Canvas, Operation

SIGMAS = (0.1, 2.0)
KERNEL = 9
"""Side of the blur in pixels: four times the largest σ, and the centre."""


@dataclass(frozen=True)
class ThreeAugment(Operation):
    """Turns a picture grey, inverts its bright half (solarize), or blurs it, with equal chances."""

    def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return the position of each picture's change, int64 [count], and the σ of its blur in pixels, float64
        [count]."""
        return (torch.randint(3, (count,), generator=random),
                torch.empty(count, dtype=torch.float64).uniform_(*SIGMAS, generator=random))

    def apply(self, pictures: Tensor, drawn: tuple[Tensor, Tensor]) -> Tensor:
        return apply_by_kind(pictures, *drawn, _CHANGES)


def _grey(pictures: Tensor, _: Tensor) -> Tensor:
    return to_bytes(grey(pictures)).expand_as(pictures).contiguous()


def _solarize(pictures: Tensor, values: Tensor) -> Tensor:
    return solarize(pictures, torch.full_like(values, 128 / 255))


def _blur(pictures: Tensor, sigmas: Tensor) -> Tensor:
    """Blur each picture by its own σ, as ``torchvision.transforms.v2.functional.gaussian_blur`` does."""
    count, channels, height, width = pictures.shape
    places = torch.arange(KERNEL) - KERNEL // 2
    weights = torch.softmax(-(places / sigmas[:, None]).square() / 2, 1).float().to(pictures.device)
    rows = weights.repeat_interleave(channels, 0)[:, None]
    planes = functional.pad(pictures.float(), [KERNEL // 2] * 4, mode="reflect").view(1, count * channels, -1,
                                                                                     width + KERNEL - 1)
    blurred = functional.conv2d(planes, rows[:, :, None], groups=count * channels)
    blurred = functional.conv2d(blurred, rows[..., None], groups=count * channels)
    return to_bytes(blurred.view(count, channels, height, width).round_())


_CHANGES: tuple[Change, ...] = (_grey, _solarize, _blur)
