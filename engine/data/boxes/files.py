"""Reading pictures of any size, from files or an array, at most as large as requested."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from engine.boxes.arrays import Ints
from engine.data.dataset import Pictures
from engine.data.readers.depth import SIXTEEN_BITS, Values
from engine.data.readers.picture_files import error_text, read_unchanged, to_mode
from engine.data.readers.picture_opening import check_resources, opened
from engine.errors import UserError

_ORIENTATION = 0x0112
_ORIENTATIONS = range(2, 9)
_TURNED = frozenset({5, 6, 7, 8})
"""EXIF orientations that swap height and width."""


class AnnotatedFiles:
    """A split whose pictures are decoded on demand; thread-safe.

    Args:
        names: paths relative to ``root``.
        sizes: int64 [N, 2], height and width of each picture in the coordinates of its boxes.
        orientation: uint8 [N], the EXIF orientation that pictures are turned by; 0: as stored.
        contents, values: as in :class:`engine.data.readers.picture_files.PictureFiles`.
    """

    def __init__(self, root: Path, names: Sequence[str], sizes: Ints, orientation: NDArray[np.uint8],
                 contents: NDArray[np.uint8], values: Values | None = None) -> None:
        self._root, self._names, self._sizes, self._contents = root, names, sizes, contents
        self._values = values or SIXTEEN_BITS  # as sets were read that were prepared without a range
        self.orientation = orientation

    def picture(self, place: int, longest: int) -> Pictures:
        file = self._root / self._names[place]
        try:
            height, width = self._sizes[place].tolist()
            return decode_picture(read_unchanged(file, self._contents[place]), (height, width), longest,
                                  self._values, upright=bool(self.orientation[place]))
        except Exception as error:  # Pillow raises almost anything for a damaged file
            check_resources(error, file)
            raise UserError(f"{file}: can no longer be read ({error_text(error)})") from error


class AnnotatedArray:
    """A split of equally large pictures in one array, ``images`` uint8 [N, H, W, 3]."""

    def __init__(self, images: Pictures) -> None:
        self.images = images

    def picture(self, place: int, longest: int) -> Pictures:
        image = np.asarray(self.images[place])
        size = fit_within(image.shape[:2], longest)
        if size == image.shape[:2]:
            return image
        return np.asarray(Image.fromarray(image).resize(size[::-1], Image.Resampling.BILINEAR))


def fit_within(size: tuple[int, ...], longest: int) -> tuple[int, int]:
    """Return height and width with the longer side at most ``longest`` pixels, keeping the aspect ratio; 0: unchanged.
    """
    height, width = size
    scale = min(1.0, longest / max(height, width)) if longest else 1.0
    return max(1, round(height * scale)), max(1, round(width * scale))


def stored_size(content: bytes) -> tuple[tuple[int, int], int]:
    """Return height and width of a picture file's stored pixels, and its EXIF orientation; 0: it is shown as stored.

    Raises:
        Exception: of almost any type, as Pillow's plug-ins do, if it is not a picture.
    """
    with opened(content) as picture:
        orientation = picture.getexif().get(_ORIENTATION, 0)
        return (picture.height, picture.width), int(orientation) if orientation in _ORIENTATIONS else 0


def displayed_size(stored: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return height and width of a picture turned by its EXIF orientation."""
    return stored[::-1] if orientation in _TURNED else stored


def decode_picture(content: bytes, size: tuple[int, int], longest: int, values: Values | None, *,
                   upright: bool = False) -> Pictures:
    """Decode a picture file as uint8 [H, W, 3], its longer side at most ``longest`` pixels; 0: full size.

    Args:
        size: height and width in the coordinates of its boxes.
        values: what is black and white in pictures of more than 8 bits.
        upright: whether it is turned and mirrored as its EXIF orientation says.

    Raises:
        UnscaledError: it has more than 8 bits, and the values are unknown.
        Exception: of almost any type, as Pillow's plug-ins do, if it is damaged; ValueError: it has another size.
    """
    wanted = fit_within(size, longest)
    with opened(content) as picture:
        stored = picture.size[::-1]
        if stored not in (size, size[::-1]):
            raise ValueError(f"it is {stored[1]}×{stored[0]} pixels, not {size[1]}×{size[0]}")
        picture.draft("RGB", wanted[::-1] if stored == size else wanted)
        colour = to_mode(ImageOps.exif_transpose(picture) if upright else picture, "RGB", values)
    if colour.size != wanted[::-1]:
        colour = colour.resize(wanted[::-1], Image.Resampling.BILINEAR)
    return np.asarray(colour, np.uint8)
