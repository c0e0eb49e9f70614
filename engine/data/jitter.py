"""Colour jitter of whole batches: each picture with its own factors, in its own order."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.data.operations import brightness, by_operation, contrast, saturation

JITTERS = (brightness, contrast, saturation)


def draw_jitter(count: int, spread: float, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """For each picture the order of :data:`JITTERS`, int64 [count, 3], and the factor of each of them, float64
    [count, 3] from 1 − spread to 1 + spread, as ``torchvision.transforms.v2.ColorJitter`` draws them."""
    order = torch.rand(count, len(JITTERS), generator=random).argsort(1)
    factors = torch.empty(count, len(JITTERS), dtype=torch.float64).uniform_(1 - spread, 1 + spread, generator=random)
    return order, factors


def jittered(pictures: Tensor, order: Tensor, factors: Tensor) -> Tensor:
    """uint8 [B, H, W, C] changed in place by draws of :func:`draw_jitter` on the CPU."""
    for kinds in order.unbind(1):
        by_operation(pictures, kinds, factors.gather(1, kinds[:, None]).flatten(), JITTERS)
    return pictures
