"""Random crops and flips of whole batches, as windows of padded or scaled uint8 pictures."""

from collections.abc import Generator, Sequence
from contextlib import closing

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.data.augmenting.draws import Draws
from engine.data.dataset import LazyPictures, Pictures
from engine.data.photographs.source import Photographs
from engine.data.resize import resize
from engine.data.storage import StoragePlan, plan_storage, short_side
from engine.data.streaming import read_ahead

_AT_ONCE = 1024


class ResidentWindows:
    """A stored set in which every window is a row of one strided view, so that a batch is a single gather.

    Args:
        images: uint8 [N, H, W, C].
        how: how they are stored.
        size: side of the windows.
        flips: whether ``Draws.flips`` can be true.
    """

    def __init__(self, images: Pictures, how: StoragePlan, *, size: int, flips: bool, device: torch.device) -> None:
        self._mirrored = len(images) if how.mirrored else 0
        self._padded, self._size, self._flips = _store(images, how).to(device), size, flips

    def read(self, draws: Draws, parts: Sequence[slice]) -> Generator[Tensor, None, None]:
        """Yield the pictures at each of the ``parts`` of the epoch's order, uint8 [B, size, size, C]."""
        order, tops, lefts, flips = (
            drawn.to(self._padded.device) for drawn in (draws.order, draws.tops, draws.lefts, draws.flips))
        _, height, width, channels = self._padded.shape
        if self._mirrored:
            order = order + self._mirrored * flips
            lefts = torch.where(flips, width - self._size - lefts, lefts)
        starts = (order * height + tops) * width + lefts
        windows = all_windows(self._padded, self._size)
        for part in parts:
            batch = windows.index_select(0, starts[part]).view(-1, self._size, self._size, channels)
            yield batch if self._mirrored or not self._flips else flip_where(flips[part], batch)


class PerBatchWindows:
    """The same windows of a set that is not stored resized: each batch is resized, padded and cropped.

    Args:
        images: uint8 [N, H, W, C], or a lazy set, whose pictures are read ahead in the background.
        scales: resize each picture's short side to its entry in ``Draws.scales``; else to ``size`` square.
    """

    def __init__(
        self, images: Pictures | LazyPictures, *, size: int, padding: int, flips: bool, scales: bool,
        device: torch.device,
    ) -> None:
        self._images = as_tensor(images).to(device) if isinstance(images, np.ndarray) else images
        self._size, self._padding, self._flips, self._scales = size, padding, flips, scales
        self._device = device

    def read(self, draws: Draws, parts: Sequence[slice]) -> Generator[Tensor, None, None]:
        """Yield batches like :meth:`ResidentWindows.read`."""
        with closing(fetch_batches(self._images, [draws.order[part] for part in parts], self._device)) as batches:
            for part, images in zip(parts, batches, strict=True):
                tops, lefts = draws.tops[part], draws.lefts[part]
                if self._scales:
                    assert draws.scales is not None
                    batch = self._scaled(images, draws.scales[part], tops, lefts)
                else:
                    batch = self._cropped(resize(images, self._size, self._size), tops, lefts)
                yield flip_where(draws.flips[part].to(self._device), batch) if self._flips else batch

    def _cropped(self, images: Tensor, tops: Tensor, lefts: Tensor) -> Tensor:
        padded = pad_border(images, self._padding)
        count, height, width, channels = padded.shape
        starts = (torch.arange(count) * height + tops) * width + lefts
        windows = all_windows(padded, self._size).index_select(0, starts.to(self._device))
        return windows.view(count, self._size, self._size, channels)

    def _scaled(self, images: Tensor, scales: Tensor, tops: Tensor, lefts: Tensor) -> Tensor:
        """Resize pictures with the same S together."""
        batch = images.new_empty(len(images), self._size, self._size, images.shape[3])
        for scale in scales.unique().tolist():
            places = (scales == scale).nonzero().flatten()
            there = places.to(self._device)
            fitted = resize(images.index_select(0, there), *short_side(images.shape[1:3], scale))
            batch.index_copy_(0, there, self._cropped(fitted, tops[places], lefts[places]))
        return batch


Windows = ResidentWindows | PerBatchWindows


def make_windows(
    images: Pictures | LazyPictures, *, size: int, padding: int, flips: bool, scales: tuple[int, int] | None,
    device: torch.device,
) -> Windows:
    """Return :class:`ResidentWindows` if the pictures are stored that way; arguments as in :func:`plan_storage`."""
    how = plan_storage(images.shape, size=size, padding=padding, flips=flips, scales=scales)
    if how.sides and isinstance(images, np.ndarray):
        return ResidentWindows(images, how, size=size, flips=flips, device=device)
    return PerBatchWindows(images, size=size, padding=padding, flips=flips, scales=scales is not None, device=device)


def _store(images: Pictures, how: StoragePlan) -> Tensor:
    """Resize, pad and mirror the pictures, a few at a time to limit memory."""
    if how.shape == images.shape or how.sides is None:
        return as_tensor(images)
    kept = torch.empty(how.shape, dtype=torch.uint8)
    copies = kept.split(len(images))
    for start in range(0, len(images), _AT_ONCE):
        part = pad_border(resize(as_tensor(images[start:start + _AT_ONCE]), *how.sides), how.padding)
        for copy, mirrored in zip(copies, (False, True), strict=False):
            copy[start:start + len(part)] = part.flip(2) if mirrored else part
    return kept


def fetch_batches(
    images: Tensor | LazyPictures, batches: Sequence[Tensor], device: torch.device,
) -> Generator[Tensor, None, None]:
    """Yield the pictures at these positions (int64 [B] on the CPU), uint8 [B, H, W, C] on the device, reading ahead if
    lazy."""
    if isinstance(images, Tensor):
        for ids in batches:
            yield images.index_select(0, ids.to(images.device)).to(device)
        return
    try:
        with closing(read_ahead(lambda ids: np.ascontiguousarray(images[ids.numpy()]), batches)) as arrays:
            for array in arrays:
                yield as_tensor(array).to(device)
    finally:
        if isinstance(images, Photographs):
            images.flush()


def all_windows(padded: Tensor, size: int) -> Tensor:
    """Return a view [starts, size, size·C] of uint8 [N, H, W, C], whose row (n·H + top)·W + left is a window."""
    count, height, width, channels = padded.shape
    starts = count * height * width - (size - 1) * (width + 1)
    return padded.as_strided((starts, size, size * channels), (channels, width * channels, 1))


def pad_border(images: Tensor, padding: int) -> Tensor:
    """Pad [N, H, W, C] with ``padding`` zero pixels on every side."""
    return functional.pad(images, (0, 0, padding, padding, padding, padding)) if padding else images


def flip_where(flips: Tensor, batch: Tensor) -> Tensor:
    """Mirror pictures of [B, H, W, C] left–right where bool [B] is true."""
    return torch.where(flips[:, None, None, None], batch.flip(2), batch)


def as_tensor(images: Pictures) -> Tensor:
    """Return the array as a tensor; read-only arrays are copied, as torch has no read-only tensors."""
    return torch.from_numpy(np.require(images, requirements=("C", "W")))
