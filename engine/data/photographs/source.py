"""``Photographs``: pictures that are read one at a time, each with its own height and width. Imports no torch."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import LazyPictures, Pictures
from engine.data.readers.depth import Values
from engine.data.storage import short_side

Sizes = NDArray[np.int64]
"""int64 [N, 2], height and width in pixels."""


@dataclass(frozen=True, eq=False)
class FileList:
    """The picture files of a split.

    Attributes:
        names: paths relative to ``root``.
        contents: uint8 [N, 16], of the files as they were when a confined process could read them.
        sizes: of the upright pictures.
        channels: 1 (grey) or 3 (colour), of all.
        values: what is black and white in pictures of more than 8 bits.
    """

    root: Path
    names: Sequence[str]
    contents: NDArray[np.uint8]
    sizes: Sizes
    channels: int
    values: Values | None


class Photographs(ABC):
    """Pictures that are read on demand; thread-safe.

    Attributes:
        sizes: height and width of each as it is read.
        channels: 1 (grey) or 3 (colour), of all.
        key: 16 hex digits that change with any value of any picture; empty: they are in memory, and need not be kept.
    """

    sizes: Sizes
    channels: int
    key: str = ""

    def __len__(self) -> int:
        return len(self.sizes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number, height, width and channels of pictures that all have one size."""
        height, width = self.sizes[0].tolist() if len(self) else (0, 0)
        return len(self), height, width, self.channels

    @abstractmethod
    def picture(self, place: int) -> Pictures:
        """Return one picture, uint8 [H, W, C].

        Raises:
            UserError: it is missing or damaged; names its file.
        """

    def rows(self, place: int, top: int, height: int) -> Pictures:
        """Return some rows of a picture, uint8 [height, W, C]; raises as :meth:`picture`."""
        return self.picture(place)[top:top + height]

    def flush(self) -> None:
        """Make sure that what was kept of the pictures read so far outlives this process."""
        return  # nothing is kept

    def __getitem__(self, ids: NDArray[np.int64] | slice) -> Pictures:
        """Return pictures that have one size, uint8 [len(ids), H, W, C]; raises as :meth:`picture`."""
        places = np.arange(len(self))[ids]
        out = np.empty((len(places), *self.shape[1:]), np.uint8)
        for row, place in enumerate(places.tolist()):
            out[row] = self.picture(place)
        return out


class ArrayPhotographs(Photographs):
    """Pictures of one size, uint8 [N, H, W, C] in memory."""

    def __init__(self, images: Pictures) -> None:
        self._images, self.channels = images, images.shape[3]
        self.sizes = np.tile(np.array(images.shape[1:3], np.int64), (len(images), 1))

    def picture(self, place: int) -> Pictures:
        found: Pictures = self._images[place]
        return found


class Chosen(Photographs):
    """Some of other photographs, by position."""

    def __init__(self, photographs: Photographs, ids: NDArray[np.int64]) -> None:
        self._all, self._ids = photographs, ids
        self.sizes, self.channels = photographs.sizes[ids], photographs.channels

    def picture(self, place: int) -> Pictures:
        return self._all.picture(int(self._ids[place]))

    def rows(self, place: int, top: int, height: int) -> Pictures:
        return self._all.rows(int(self._ids[place]), top, height)

    def flush(self) -> None:
        self._all.flush()


def as_photographs(images: Pictures | LazyPictures) -> Photographs:
    """Return pictures as photographs, which an array or a lazy set of one size can be too."""
    if isinstance(images, np.ndarray):
        return ArrayPhotographs(images)
    assert isinstance(images, Photographs)
    return images


def reduced(sizes: Sizes, side: int) -> Sizes:
    """Return the sizes of pictures whose shorter side is reduced to ``side`` pixels; smaller ones keep theirs."""
    found = [short_side(size, side) if min(size) > side else tuple(size) for size in sizes.tolist()]
    return np.array(found, np.int64).reshape(-1, 2)
