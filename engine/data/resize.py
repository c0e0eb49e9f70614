"""Resizing and centre-cropping uint8 pictures as whole batches."""

import torch
from torch import Tensor
from torch.nn import functional

_CHUNK = 1024


def resized(images: Tensor, height: int, width: int) -> Tensor:
    """uint8 [N, H, W, C] to uint8 [N, height, width, C]: bilinear, antialiased when it shrinks, rounded.

    Pictures that have the size already come back as they are.
    """
    if images.shape[1:3] == (height, width):
        return images
    return torch.cat([_resized(part, height, width) for part in torch.split(images, _CHUNK)])


def centre_cropped(images: Tensor, size: int) -> Tensor:
    """uint8 [N, H, W, C] to uint8 [N, size, size, C]: the centre; where there is less, black is put around it.

    The pixels are those of ``torchvision.transforms.v2.CenterCrop``.
    """
    height, width = images.shape[1:3]
    missing, lacking = max(size - width, 0), max(size - height, 0)
    if missing or lacking:
        images = functional.pad(images, (0, 0, missing // 2, (missing + 1) // 2, lacking // 2, (lacking + 1) // 2))
    top, left = (round(max(length - size, 0) / 2) for length in (height, width))
    return images[:, top:top + size, left:left + size]


def _resized(images: Tensor, height: int, width: int) -> Tensor:
    pictures = images.permute(0, 3, 1, 2)
    if images.device.type != "cpu":  # only the CPU resizes bytes
        pictures = pictures.float()
    fitted = functional.interpolate(pictures, (height, width), mode="bilinear", antialias=True)
    if fitted.is_floating_point():
        fitted = fitted.round_().clamp_(0, 255).byte()
    return fitted.permute(0, 2, 3, 1).contiguous()
