"""Batches of whole-tensor augmented, normalised pictures on the device."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.augmentations import Augmentation
from engine.data.dataset import Pictures
from engine.data.resize import resized
from engine.data.windows import RESIZED_BUDGET, Draws, as_tensor, windows_of

Batch = tuple[Tensor, Tensor]


class TrainBatches:
    """Shuffled, augmented, normalised batches of a training set.

    Args:
        images: uint8 [N, H, W, C].
        targets: integer [N].
        size: side of the pictures the model sees; others are resized (bilinear, antialiased) before cropping.
        mean, std: one number a channel, on the scale where 255 is 1.
        seed: with the epoch's number it decides everything random, whatever the device.
        channels_last: the memory layout of the batches.
        flips: whether pictures of this data set may be mirrored at all.
    """

    def __init__(
        self, images: Pictures, targets: NDArray[np.integer], *, batch_size: int, augmentation: Augmentation,
        size: int, mean: Sequence[float], std: Sequence[float], seed: int, device: torch.device | str,
        channels_last: bool, flips: bool,
    ) -> None:
        self._batch_size, self._seed = batch_size, seed
        self._flip = augmentation.flip and flips
        self._padding = scaled_padding(augmentation, size)
        self._windows = windows_of(images, size=size, padding=self._padding, flips=self._flip,
                                   device=torch.device(device))
        self._targets = torch.as_tensor(targets, dtype=torch.int64)
        self._normalise = Normalise(mean, std, size, torch.device(device), channels_last)
        self._device = torch.device(device)

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch; a last batch of a single picture is left out: batch norm cannot learn from one."""
        count = len(self._targets)
        lonely = self._batch_size > 1 and count > 1 and count % self._batch_size == 1
        return math.ceil(count / self._batch_size) - lonely

    def epoch(self, epoch: int, start_step: int = 0) -> Iterator[Batch]:
        """The batches of one epoch; from ``start_step`` on they are exactly what they are without skipping.

        Yields:
            Pictures float32 [B, C, size, size] and targets int64 [B], both on the device.
        """
        draws = self.draws(epoch)
        read = self._windows.reader(draws)
        targets = self._targets[draws.order].to(self._device)
        for step in range(start_step, self.steps_per_epoch):
            part = slice(step * self._batch_size, (step + 1) * self._batch_size)
            yield self._normalise(read(part)), targets[part]

    def draws(self, epoch: int) -> Draws:
        """All random numbers of an epoch, from one generator on the CPU."""
        count, offsets = len(self._targets), 2 * self._padding + 1
        # torch's CPU generator keeps only the low 32 bits of its seed, so both numbers are mixed into those.
        mixed = int(np.random.SeedSequence((self._seed, epoch)).generate_state(1)[0])
        random = torch.Generator().manual_seed(mixed)
        return Draws(
            order=torch.randperm(count, generator=random),
            tops=torch.randint(offsets, (count,), generator=random),
            lefts=torch.randint(offsets, (count,), generator=random),
            flips=torch.randint(2, (count,), generator=random).bool() & self._flip)


class EvalBatches:
    """Normalised batches of a set in its own order; arguments and what it yields as in :class:`TrainBatches`."""

    def __init__(
        self, images: Pictures, targets: NDArray[np.integer], *, batch_size: int, size: int, mean: Sequence[float],
        std: Sequence[float], device: torch.device | str, channels_last: bool,
    ) -> None:
        self._size, self._batch_size, self._device = size, batch_size, torch.device(device)
        self._images = as_tensor(images)
        if len(images) * size * size * images.shape[3] <= RESIZED_BUDGET:
            self._images = resized(self._images, size)
        self._targets = torch.as_tensor(targets, dtype=torch.int64)
        self._normalise = Normalise(mean, std, size, self._device, channels_last)

    def __len__(self) -> int:
        return math.ceil(len(self._targets) / self._batch_size)

    def __iter__(self) -> Iterator[Batch]:
        for start in range(0, len(self._targets), self._batch_size):
            part = slice(start, start + self._batch_size)
            images = resized(self._images[part].to(self._device), self._size)
            yield self._normalise(images), self._targets[part].to(self._device)


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


def scaled_padding(augmentation: Augmentation, size: int) -> int:
    """The crop's padding in pixels at this size: the recipe's for 32 px in proportion, at least 1 if it crops."""
    return max(1, round(augmentation.crop_padding * size / 32)) if augmentation.crop_padding else 0
