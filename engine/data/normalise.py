"""From bytes to what the model sees."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class Normalise:
    """(x / 255 − mean) / std in two passes over memory, then the memory layout that the model likes."""

    def __init__(
        self, mean: Sequence[float], std: Sequence[float], size: int, device: torch.device, channels_last: bool,
    ) -> None:
        spread = torch.tensor(std, dtype=torch.float64)
        pixels = size * size
        self._scale = (1 / (255 * spread)).repeat(pixels).float().to(device)
        self._shift = (-torch.tensor(mean, dtype=torch.float64) / spread).repeat(pixels).float().to(device)
        self._channels_last = channels_last

    def __call__(self, images: Tensor) -> Tensor:
        """uint8 [B, size, size, C] to float32 [B, C, size, size]."""
        return self.laid_out(self.levels(images))

    def levels(self, images: Tensor) -> Tensor:
        """uint8 [B, size, size, C] to float32 of the same shape."""
        flat = images.reshape(len(images), -1).float()
        return torch.addcmul(self._shift, flat, self._scale, out=flat).view(images.shape)

    def laid_out(self, pictures: Tensor) -> Tensor:
        """float32 [B, size, size, C] as [B, C, size, size]."""
        if self._channels_last:
            return pictures.permute(0, 3, 1, 2)
        count, height, width, channels = pictures.shape
        # One channel: the same bytes, but named so that layers do not take the batch for channels_last.
        return pictures.view(count, 1, height, width) if channels == 1 else pictures.permute(0, 3, 1, 2).contiguous()
