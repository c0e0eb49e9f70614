"""Pictures of any size, from their files or from one array, no larger than asked for."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from engine.boxes.arrays import Ints
from engine.data.dataset import Pictures
from engine.data.readers.picture_files import flat, reason
from engine.data.readers.picture_opening import check_resources, opened
from engine.errors import UserError
from engine.files import read_regular

_ORIENTATION = 0x0112
_TURNED = frozenset({5, 6, 7, 8})
"""The EXIF orientations that exchange height and width."""


class AnnotatedFiles:
    """A split whose pictures are decoded whenever they are asked for; safe to call from several threads.

    Args:
        names: paths inside ``root``.
        sizes: int64 [N, 2], height and width of each picture as its boxes see it.
    """

    def __init__(self, root: Path, names: Sequence[str], sizes: Ints) -> None:
        self._root, self._names, self._sizes = root, names, sizes

    def picture(self, place: int, longest: int) -> Pictures:
        """As :meth:`engine.data.boxes.dataset.PictureSource.picture`."""
        file = self._root / self._names[place]
        try:
            height, width = self._sizes[place].tolist()
            return decoded_whole(read_regular(file), (height, width), longest)
        except Exception as error:  # a broken file makes Pillow raise almost anything
            check_resources(error, file)
            raise UserError(f"{file}: cannot be read any more ({reason(error)})") from error


class AnnotatedArray:
    """A split whose pictures all have one size and are one array, ``images`` uint8 [N, H, W, 3]."""

    def __init__(self, images: Pictures) -> None:
        self.images = images

    def picture(self, place: int, longest: int) -> Pictures:
        """As :meth:`engine.data.boxes.dataset.PictureSource.picture`."""
        image = np.asarray(self.images[place])
        size = fitted(image.shape[:2], longest)
        if size == image.shape[:2]:
            return image
        return np.asarray(Image.fromarray(image).resize(size[::-1], Image.Resampling.BILINEAR))


def fitted(size: tuple[int, ...], longest: int) -> tuple[int, int]:
    """Height and width with the same aspect, the longer side ``longest`` pixels at most; 0: as they are."""
    height, width = size
    scale = min(1.0, longest / max(height, width)) if longest else 1.0
    return max(1, round(height * scale)), max(1, round(width * scale))


def size_seen(content: bytes, told: tuple[int, int]) -> tuple[int, int]:
    """Height and width of a picture file as its boxes see it.

    Boxes are of the stored pixels, as most annotation tools are blind to EXIF's orientation; only where ``told``
    (height and width in the annotation) fits the picture turned upright, and not as it is stored, are they of that.

    Raises:
        Exception: almost any kind, as Pillow's plug-ins do, when it is no picture.
    """
    with opened(content) as picture:
        width, height = picture.size
        turned = picture.getexif().get(_ORIENTATION) in _TURNED
    return (width, height) if turned and told == (width, height) != (height, width) else (height, width)


def decoded_whole(content: bytes, size: tuple[int, int], longest: int) -> Pictures:
    """A picture file's content as uint8 [H, W, 3], its longer side ``longest`` pixels at most; 0: as large as it is.

    Args:
        size: height and width as its boxes see it; where the stored ones are these exchanged, it is turned upright.

    Raises:
        Exception: almost any kind, as Pillow's plug-ins do, when it is no whole picture; ValueError: of another size.
    """
    wanted = fitted(size, longest)
    with opened(content) as picture:
        stored = picture.size[::-1]
        if stored not in (size, size[::-1]):
            raise ValueError(f"it is {stored[1]}×{stored[0]} pixels, not {size[1]}×{size[0]}")
        upright = stored != size
        picture.draft("RGB", wanted if upright else wanted[::-1])
        colour = flat(ImageOps.exif_transpose(picture) if upright else picture, "RGB")
    if colour.size != wanted[::-1]:
        colour = colour.resize(wanted[::-1], Image.Resampling.BILINEAR)
    return np.asarray(colour, np.uint8)
