"""From bytes to what the model sees."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class Normalise:
    """uint8 [B, size, size, C] to float32 [B, C, size, size]: (x / 255 − mean) / std, in two passes over memory."""

    def __init__(
        self, mean: Sequence[float], std: Sequence[float], size: int, device: torch.device, channels_last: bool,
    ) -> None:
        spread = torch.tensor(std, dtype=torch.float64)
        pixels = size * size
        self._scale = (1 / (255 * spread)).repeat(pixels).float().to(device)
        self._shift = (-torch.tensor(mean, dtype=torch.float64) / spread).repeat(pixels).float().to(device)
        self._channels_last = channels_last

    def __call__(self, images: Tensor) -> Tensor:
        count, height, width, channels = images.shape
        flat = images.reshape(count, -1).float()
        torch.addcmul(self._shift, flat, self._scale, out=flat)
        pictures = flat.view(count, height, width, channels)
        if self._channels_last:
            return pictures.permute(0, 3, 1, 2)
        # One channel: the same bytes, but named so that layers do not take the batch for channels_last.
        return pictures.view(count, 1, height, width) if channels == 1 else pictures.permute(0, 3, 1, 2).contiguous()
