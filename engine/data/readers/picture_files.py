"""Reading picture files of any size and format as squares of one size."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from engine.confined.marks import decoding
from engine.data.dataset import Pictures
from engine.data.readers.picture_opening import check_resources, opened
from engine.errors import UserError
from engine.files import open_regular, read_regular

SUFFIXES = frozenset({".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm",
                      ".pbm", ".pnm", ".tga", ".avif"})
_GREY = frozenset({"1", "L", "LA", "I;16", "I;16B", "I;16L", "I", "F"})
_SAMPLE = 256
_SMALLEST, _LARGEST = 8, 256


CHECKSUM = 16
"""Bytes of a picture file's checksum."""


class PictureFiles:
    """Pictures that are read on demand: ``images[ids]`` decodes uint8 [len(ids), side, side, channels]; thread-safe.
    Raises UserError, with the file's name, if a picture is missing or damaged.

    Args:
        contents: uint8 [N, CHECKSUM], of the files as they were when a confined process could read them.
    """

    def __init__(self, root: Path, names: Sequence[str], side: int, channels: int,
                 contents: NDArray[np.uint8]) -> None:
        self._root, self._names, self._contents = root, names, contents
        self.shape = (len(names), side, side, channels)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, ids: NDArray[np.int64] | slice) -> Pictures:
        places = np.arange(len(self))[ids]
        _, side, _, channels = self.shape
        out = np.empty((len(places), side, side, channels), np.uint8)
        for row, place in enumerate(places):
            file = self._root / self._names[place]
            try:
                out[row] = decode_square(read_unchanged(file, self._contents[place]), side, channels)
            except Exception as error:  # Pillow raises almost anything for a damaged file
                check_resources(error, file)
                raise UserError(f"{file}: can no longer be read ({error_text(error)})") from error
        return out


def read_unchanged(file: Path, checksum: NDArray[np.uint8]) -> bytes:
    """Return a picture file's content if it is what a confined process could decode; nothing else is decoded here.

    Raises:
        ValueError: it is not.
        OSError: it cannot be read.
    """
    content = read_regular(file)
    if hashlib.sha256(content).digest()[:CHECKSUM] != checksum.tobytes():
        raise ValueError("it has changed since the data set was prepared; load the data set again")
    return content


def decode_square(content: bytes, side: int, channels: int) -> Pictures:
    """Decode a picture file as uint8 [side, side, channels].

    The picture is rotated by its EXIF orientation, placed on white if transparent, converted to grey or colour, and
    resized to a square (bilinear, antialiased), without cropping or keeping the aspect ratio.

    Raises:
        Exception: of almost any type, as Pillow's plug-ins do, if it is damaged.
    """
    with opened(content) as picture:
        picture.draft("L" if channels == 1 else "RGB", (side, side))
        squared = to_mode(ImageOps.exif_transpose(picture), "L" if channels == 1 else "RGB")
    if squared.size != (side, side):
        squared = squared.resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(squared, np.uint8).reshape(side, side, channels)


def common_shape(root: Path, names: Sequence[str]) -> tuple[int, int]:
    """Return the side and channels for reading a set, from the headers of up to 256 pictures. The side is the median of
    the shorter sides, from 8 to 256; grey (1) only if all pictures are."""
    sides, grey = [], True
    for place in np.unique(np.linspace(0, len(names) - 1, min(_SAMPLE, len(names))).astype(int)):
        try:
            file = root / names[place]
            with decoding(file), open_regular(file) as content, Image.open(content) as picture:
                sides.append(min(picture.size))
                grey &= picture.mode in _GREY
        except Exception:  # unreadable pictures are reported when all are read
            continue
    side = int(np.median(sides)) if sides else _SMALLEST
    return min(max(side, _SMALLEST), _LARGEST), 1 if grey and sides else 3


def to_mode(picture: Image.Image, mode: str) -> Image.Image:
    """Convert a picture to ``L`` or ``RGB``: on white if transparent, 16 bits per pixel scaled to 8."""
    if picture.mode.startswith("I"):  # 16 bits per pixel, which Pillow would clip instead of scaling
        levels = np.asarray(picture).astype(np.int64) >> 8
        return Image.fromarray(levels.clip(0, 255).astype(np.uint8)).convert(mode)
    if picture.has_transparency_data:
        upper = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", upper.size, "white"), upper)
    return picture.convert(mode)


def error_text(error: Exception) -> str:
    """Return an exception's message in one line, or its type."""
    if isinstance(error, UnidentifiedImageError):  # whose message is an address in memory
        return "its content is no picture"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__
