"""Cuts batches of one size from photographs, in threads, ahead of the device."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from engine.data import streaming
from engine.data.augmenting.draws import Draws
from engine.data.photographs.source import Photographs
from engine.data.resize import centre_crop, resize
from engine.data.storage import short_side
from engine.data.streaming import pieces_ahead, read_ahead
from engine.data.windows import as_tensor


class PhotographWindows:
    """Random crops of photographs, each resized to ``size`` square; see :class:`engine.data.windows.PerBatchWindows`.
    """

    def __init__(self, photographs: Photographs, *, size: int, interpolation: str, device: torch.device) -> None:
        self._photographs, self._size, self._interpolation, self._device = photographs, size, interpolation, device

    def read(self, draws: Draws, parts: Sequence[slice]) -> Generator[Tensor, None, None]:
        """Yield the pictures at each of the ``parts`` of the epoch's order, uint8 [B, size, size, C]."""
        assert draws.boxes is not None
        boxes = draws.boxes

        def cut(part: slice) -> Tensor:
            return self._cut(draws.order[part].tolist(), boxes[part].tolist(), draws.flips[part].tolist())

        return read_parts(cut, parts, self._photographs, len(draws.order), self._device)

    def _cut(self, places: Sequence[int], boxes: Sequence[Sequence[int]], flips: Sequence[bool]) -> Tensor:
        cut = torch.empty(len(places), self._size, self._size, self._photographs.channels, dtype=torch.uint8)
        for row, place, (top, left, height, width), flip in zip(cut, places, boxes, flips, strict=True):
            rows = as_tensor(self._photographs.rows(place, top, height))
            found = resize(rows[None, :, left:left + width], self._size, self._size, self._interpolation)[0]
            row.copy_(found.flip(1) if flip else found)
        return cut


def fitted_batches(
    photographs: Photographs, parts: Sequence[slice], *, scale: int, size: int, interpolation: str,
    device: torch.device,
) -> Generator[Tensor, None, None]:
    """Yield photographs as they are tested, uint8 [B, size, size, C]: the shorter side resized to ``scale`` pixels, the
    centre cropped, as by torchvision's ``Resize`` and ``CenterCrop``."""
    def fit(part: slice) -> Tensor:
        return torch.cat([_fitted(photographs.picture(place), scale, size, interpolation)
                          for place in range(part.start, part.stop)])

    return read_parts(fit, parts, photographs, len(photographs), device)


def read_parts(read: Callable[[slice], Tensor], parts: Sequence[slice], photographs: Photographs, count: int,
               device: torch.device) -> Generator[Tensor, None, None]:
    """Yield what ``read`` returns for each of the parts, read some at a time in threads, on the device.

    Args:
        parts: ascending positions, of which those from ``count`` on are left out.
    """
    step, longest = streaming.AT_ONCE, max((part.stop - part.start for part in parts), default=0)
    pieces = [[slice(start, min(start + step, part.stop, count))
               for start in range(part.start, min(part.stop, count), step)] for part in parts]
    flat = [piece for group in pieces for piece in group]
    try:
        with closing(read_ahead(read, flat, threads=streaming.THREADS, ahead=pieces_ahead(longest))) as cut:
            for group in pieces:
                yield _on_device(list(islice(cut, len(group))), device)
    finally:
        photographs.flush()


def _on_device(pieces: Sequence[Tensor], device: torch.device) -> Tensor:
    """Join pieces, in pinned memory if they go to a GPU, so that the batch is copied while it computes."""
    if device.type != "cuda":
        return torch.cat(list(pieces)).to(device)
    shape = (sum(map(len, pieces)), *pieces[0].shape[1:])
    pinned = torch.empty(shape, dtype=pieces[0].dtype, pin_memory=True)
    return torch.cat(list(pieces), out=pinned).to(device, non_blocking=True)


def _fitted(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], scale: int, size: int,
            interpolation: str) -> Tensor:
    sides = short_side(picture.shape[:2], scale)
    return centre_crop(resize(as_tensor(picture)[None], *sides, interpolation), size)
