"""Resizing uint8 pictures, antialiased, as whole batches."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_CHUNK = 1024


def resized(images: Tensor, size: int) -> Tensor:
    """uint8 [N, H, W, C] to uint8 [N, size, size, C]: bilinear, antialiased when it shrinks, rounded.

    Pictures that have the size already come back as they are.
    """
    if images.shape[1:3] == (size, size):
        return images
    return torch.cat([_resized(part, size) for part in torch.split(images, _CHUNK)])


def _resized(images: Tensor, size: int) -> Tensor:
    pictures = images.permute(0, 3, 1, 2)
    if images.device.type != "cpu":  # only the CPU resizes bytes
        pictures = pictures.float()
    fitted = functional.interpolate(pictures, (size, size), mode="bilinear", antialias=True)
    if fitted.is_floating_point():
        fitted = fitted.round_().clamp_(0, 255).byte()
    return fitted.permute(0, 2, 3, 1).contiguous()
