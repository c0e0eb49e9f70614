"""Random crops and flips of whole batches, read as windows of padded or scaled uint8 pictures."""

from collections.abc import Generator, Sequence
from contextlib import closing

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.data.augmenting.draws import Draws
from engine.data.dataset import LazyPictures, Pictures
from engine.data.keeping import Keeping, keeping, short_side
from engine.data.resize import resized
from engine.data.streaming import ahead

_AT_ONCE = 1024


class ResidentWindows:
    """Every window of the whole set is a row of one strided view, so a batch is a single gather.

    Args:
        images: uint8 [N, H, W, C].
        how: what becomes of them at once.
        size: side of the windows.
        flips: whether ``Draws.flips`` can be true.
    """

    def __init__(self, images: Pictures, how: Keeping, *, size: int, flips: bool, device: torch.device) -> None:
        self._mirrored = len(images) if how.mirrored else 0
        self._padded, self._size, self._flips = _kept(images, how).to(device), size, flips

    def read(self, draws: Draws, parts: Sequence[slice]) -> Generator[Tensor, None, None]:
        """The pictures at each of the ``parts`` of the order of an epoch, uint8 [B, size, size, C]."""
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
            yield batch if self._mirrored or not self._flips else mirrored_where(flips[part], batch)


class PerBatchWindows:
    """The same windows of a set that is not kept resized: each batch is resized, padded and cropped by itself.

    Args:
        images: uint8 [N, H, W, C], or a lazy set, whose pictures are then read ahead in the background.
        scales: whether each picture's short side becomes its own of ``Draws.scales``; else all become ``size`` square.
    """

    def __init__(
        self, images: Pictures | LazyPictures, *, size: int, padding: int, flips: bool, scales: bool,
        device: torch.device,
    ) -> None:
        self._images = as_tensor(images).to(device) if isinstance(images, np.ndarray) else images
        self._size, self._padding, self._flips, self._scales = size, padding, flips, scales
        self._device = device

    def read(self, draws: Draws, parts: Sequence[slice]) -> Generator[Tensor, None, None]:
        """As :meth:`ResidentWindows.read`."""
        with closing(fetched(self._images, [draws.order[part] for part in parts], self._device)) as batches:
            for part, images in zip(parts, batches, strict=True):
                tops, lefts = draws.tops[part], draws.lefts[part]
                if self._scales:
                    assert draws.scales is not None
                    batch = self._scaled(images, draws.scales[part], tops, lefts)
                else:
                    batch = self._cropped(resized(images, self._size, self._size), tops, lefts)
                yield mirrored_where(draws.flips[part].to(self._device), batch) if self._flips else batch

    def _cropped(self, images: Tensor, tops: Tensor, lefts: Tensor) -> Tensor:
        padded = bordered(images, self._padding)
        count, height, width, channels = padded.shape
        starts = (torch.arange(count) * height + tops) * width + lefts
        windows = all_windows(padded, self._size).index_select(0, starts.to(self._device))
        return windows.view(count, self._size, self._size, channels)

    def _scaled(self, images: Tensor, scales: Tensor, tops: Tensor, lefts: Tensor) -> Tensor:
        """Pictures with the same S are resized together: with antialias where they shrink, as one by one."""
        batch = images.new_empty(len(images), self._size, self._size, images.shape[3])
        for scale in scales.unique().tolist():
            places = (scales == scale).nonzero().flatten()
            there = places.to(self._device)
            fitted = resized(images.index_select(0, there), *short_side(images.shape[1:3], scale))
            batch.index_copy_(0, there, self._cropped(fitted, tops[places], lefts[places]))
        return batch


Windows = ResidentWindows | PerBatchWindows


def windows_of(
    images: Pictures | LazyPictures, *, size: int, padding: int, flips: bool, scales: tuple[int, int] | None,
    device: torch.device,
) -> Windows:
    """The resident kind whenever that is how the pictures are kept; arguments as of
    :func:`engine.data.keeping.keeping`."""
    how = keeping(images.shape, size=size, padding=padding, flips=flips, scales=scales)
    if how.sides and isinstance(images, np.ndarray):
        return ResidentWindows(images, how, size=size, flips=flips, device=device)
    return PerBatchWindows(images, size=size, padding=padding, flips=flips, scales=scales is not None, device=device)


def _kept(images: Pictures, how: Keeping) -> Tensor:
    """The pictures resized, padded and mirrored, a few at a time so that little else is held beside them."""
    if how.shape == images.shape or how.sides is None:
        return as_tensor(images)
    kept = torch.empty(how.shape, dtype=torch.uint8)
    copies = kept.split(len(images))
    for start in range(0, len(images), _AT_ONCE):
        part = bordered(resized(as_tensor(images[start:start + _AT_ONCE]), *how.sides), how.padding)
        for copy, mirrored in zip(copies, (False, True), strict=False):
            copy[start:start + len(part)] = part.flip(2) if mirrored else part
    return kept


def fetched(
    images: Tensor | LazyPictures, batches: Sequence[Tensor], device: torch.device,
) -> Generator[Tensor, None, None]:
    """The pictures at each of these positions (int64 [B] on the CPU), uint8 [B, H, W, C] on the device; of a lazy set
    they are read ahead in the background."""
    if isinstance(images, Tensor):
        for ids in batches:
            yield images.index_select(0, ids.to(images.device)).to(device)
        return
    with closing(ahead(lambda ids: np.ascontiguousarray(images[ids.numpy()]), batches)) as arrays:
        for array in arrays:
            yield as_tensor(array).to(device)


def all_windows(padded: Tensor, size: int) -> Tensor:
    """A view [starts, size, size·C] of uint8 [N, H, W, C]: its row (n·H + top)·W + left is a window."""
    count, height, width, channels = padded.shape
    starts = count * height * width - (size - 1) * (width + 1)
    return padded.as_strided((starts, size, size * channels), (channels, width * channels, 1))


def bordered(images: Tensor, padding: int) -> Tensor:
    """[N, H, W, C] with ``padding`` zero pixels on every side."""
    return functional.pad(images, (0, 0, padding, padding, padding, padding)) if padding else images


def mirrored_where(flips: Tensor, batch: Tensor) -> Tensor:
    """[B, H, W, C], mirrored left–right where bool [B] says so."""
    return torch.where(flips[:, None, None, None], batch.flip(2), batch)


def as_tensor(images: Pictures) -> Tensor:
    """The array as a tensor; read-only arrays are copied, as torch has no read-only tensors."""
    return torch.from_numpy(np.require(images, requirements=("C", "W")))
