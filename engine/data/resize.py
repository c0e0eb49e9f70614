"""Resizing and centre-cropping whole batches of uint8 pictures."""

import torch
from torch import Tensor
from torch.nn import functional

_CHUNK = 1024


def resize(images: Tensor, height: int, width: int, interpolation: str = "bilinear") -> Tensor:
    """Resize uint8 [N, H, W, C] to [N, height, width, C]: bilinear or bicubic, antialiased when shrinking, rounded.
    Pictures that already have this size are returned unchanged."""
    if images.shape[1:3] == (height, width):
        return images
    return torch.cat([_resized(part, height, width, interpolation) for part in torch.split(images, _CHUNK)])


def shrunk(batch: Tensor, side: int) -> Tensor:
    """Resize float [B, C, S, S] to [B, C, side, side], bilinear and antialiased; its memory layout stays."""
    if batch.shape[-1] == side:
        return batch
    return functional.interpolate(batch, (side, side), mode="bilinear", antialias=True)


def centre_crop(images: Tensor, size: int) -> Tensor:
    """Crop the centre of uint8 [N, H, W, C] to [N, size, size, C], padding smaller pictures with black. Equals
    ``torchvision.transforms.v2.CenterCrop``."""
    height, width = images.shape[1:3]
    missing, lacking = max(size - width, 0), max(size - height, 0)
    if missing or lacking:
        images = functional.pad(images, (0, 0, missing // 2, (missing + 1) // 2, lacking // 2, (lacking + 1) // 2))
    top, left = (round(max(length - size, 0) / 2) for length in (height, width))
    return images[:, top:top + size, left:left + size]


def _resized(images: Tensor, height: int, width: int, interpolation: str) -> Tensor:
    pictures = images.permute(0, 3, 1, 2)
    if images.device.type != "cpu":  # only the CPU resizes bytes
        pictures = pictures.float()
    fitted = functional.interpolate(pictures, (height, width), mode=interpolation, antialias=True)
    if fitted.is_floating_point():
        fitted = fitted.round_().clamp_(0, 255).byte()
    return fitted.permute(0, 2, 3, 1).contiguous()
