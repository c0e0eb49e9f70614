"""Random crops and flips of whole batches, read as windows of a padded uint8 set that lives on the device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.data.dataset import Pictures
from engine.data.resize import resized

RESIZED_BUDGET = 1 << 30
"""Bytes up to which a set that needs resizing is resized once; a larger one is resized batch by batch."""

MIRRORED_BUDGET = 512 << 20
"""Bytes up to which the padded set is stored twice, as it is and mirrored, so that a flip costs nothing."""

Reader = Callable[[slice], Tensor]
"""Positions in the order of an epoch → uint8 [B, size, size, C]."""


@dataclass(frozen=True)
class Draws:
    """All random numbers of one epoch, each [N] in the order of the epoch, on the CPU.

    Attributes:
        order: int64, which picture.
        tops, lefts: int64 from 0 to twice the padding, where the crop starts in the padded picture.
        flips: bool, whether the crop is then mirrored left–right.
    """

    order: Tensor
    tops: Tensor
    lefts: Tensor
    flips: Tensor

    def to(self, device: torch.device) -> Draws:
        return Draws(*(getattr(self, field.name).to(device) for field in fields(self)))


class ResidentWindows:
    """Every window of the whole set is a row of one strided view, so a batch is a single gather.

    Args:
        images: uint8 [N, H, W, C], resized to ``size`` if they have another.
        padding: zero pixels around each picture.
        flips: whether ``Draws.flips`` can be true.
    """

    def __init__(self, images: Pictures, *, size: int, padding: int, flips: bool, device: torch.device) -> None:
        padded = bordered(resized(as_tensor(images), size), padding)
        self._mirrored = len(padded) if flips and 2 * padded.numel() <= MIRRORED_BUDGET else 0
        if self._mirrored:
            padded = torch.cat((padded, padded.flip(2)))
        self._padded, self._size, self._padding, self._flips = padded.to(device), size, padding, flips

    def reader(self, draws: Draws) -> Reader:
        """What reads the batches of an epoch."""
        draws = draws.to(self._padded.device)
        lefts, order = draws.lefts, draws.order
        if self._mirrored:
            order = order + self._mirrored * draws.flips
            lefts = torch.where(draws.flips, 2 * self._padding - lefts, lefts)
        side = self._padded.shape[1]
        starts = (order * side + draws.tops) * side + lefts
        windows = all_windows(self._padded, self._size)
        shape = (-1, self._size, self._size, self._padded.shape[3])

        def read(part: slice) -> Tensor:
            batch = windows.index_select(0, starts[part]).view(shape)
            return batch if self._mirrored or not self._flips else mirrored_where(draws.flips[part], batch)

        return read


class PerBatchWindows:
    """The same windows of a set too large to keep resized: each batch is resized, padded and cropped by itself."""

    def __init__(self, images: Pictures, *, size: int, padding: int, flips: bool, device: torch.device) -> None:
        self._images = as_tensor(images).to(device)
        self._size, self._padding, self._flips = size, padding, flips

    def reader(self, draws: Draws) -> Reader:
        """What reads the batches of an epoch."""
        draws = draws.to(self._images.device)
        side = self._size + 2 * self._padding

        def read(part: slice) -> Tensor:
            padded = bordered(resized(self._images[draws.order[part]], self._size), self._padding)
            places = torch.arange(len(padded), device=padded.device)
            starts = (places * side + draws.tops[part]) * side + draws.lefts[part]
            batch = all_windows(padded, self._size).index_select(0, starts)
            batch = batch.view(-1, self._size, self._size, padded.shape[3])
            return mirrored_where(draws.flips[part], batch) if self._flips else batch

        return read


def windows_of(
    images: Pictures, *, size: int, padding: int, flips: bool, device: torch.device,
) -> ResidentWindows | PerBatchWindows:
    """The resident kind whenever the pictures have the size already or fit the budget resized."""
    count, height, width, channels = images.shape
    fits = (height, width) == (size, size) or count * size * size * channels <= RESIZED_BUDGET
    kind = ResidentWindows if fits else PerBatchWindows
    return kind(images, size=size, padding=padding, flips=flips, device=device)


def all_windows(padded: Tensor, size: int) -> Tensor:
    """A view [starts, size, size·C] of uint8 [N, side, side, C]: its row (n·side + top)·side + left is a window."""
    count, side, _, channels = padded.shape
    starts = count * side * side - (size - 1) * (side + 1)
    return padded.as_strided((starts, size, size * channels), (channels, side * channels, 1))


def bordered(images: Tensor, padding: int) -> Tensor:
    """[N, H, W, C] with ``padding`` zero pixels on every side."""
    return functional.pad(images, (0, 0, padding, padding, padding, padding)) if padding else images


def mirrored_where(flips: Tensor, batch: Tensor) -> Tensor:
    """[B, H, W, C], mirrored left–right where bool [B] says so."""
    return torch.where(flips[:, None, None, None], batch.flip(2), batch)


def as_tensor(images: Pictures) -> Tensor:
    """The array as a tensor; read-only arrays are copied, as torch has no read-only tensors."""
    return torch.from_numpy(np.require(images, requirements=("C", "W")))
