"""Reading picture files of any size and format as squares of one size."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from engine.confined.marks import decoding
from engine.data.dataset import Pictures
from engine.data.photographs.source import Photographs
from engine.data.readers.depth import SIXTEEN_BITS, Values, is_deep, to_grey
from engine.data.readers.looks import is_turned
from engine.data.readers.picture_opening import HEIF, check_resources, has_heif, opened
from engine.errors import UserError
from engine.files import open_regular, read_regular

SUFFIXES = frozenset((
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".bmp", ".dib", ".gif", ".webp", ".tif", ".tiff", ".ppm",
    ".pgm", ".pbm", ".pnm", ".pfm", ".tga", ".icb", ".vda", ".vst", ".avif", ".avifs", ".jp2", ".j2k", ".j2c", ".jpc",
    ".jpf", ".jpx", ".psd", ".qoi", ".dds", ".ico", ".icns", ".cur", ".pcx", ".dcx", ".sgi", ".rgb", ".rgba", ".bw",
    ".ras", ".xbm", ".xpm", ".fit", ".fits", ".fli", ".flc", ".blp", ".ftc", ".ftu", ".gbr", ".im", ".iim", ".msp",
    ".pcd", ".pxr")) | (HEIF if has_heif() else frozenset())
"""What Pillow reads, but for what is run as a program (PostScript) or only named (films, metafiles, weather)."""

_GREY = frozenset({"1", "L", "LA", "I;16", "I;16B", "I;16L", "I", "F"})
_SAMPLE = 256
_SMALLEST, _LARGEST = 8, 256
_BAND = 1024


CHECKSUM = 16
"""Bytes of a picture file's checksum."""


class PictureFiles(Photographs):
    """Picture files, each read as a square by :func:`decode_square`.

    Args:
        contents, values: as in :class:`engine.data.photographs.source.FileList`.
    """

    def __init__(self, root: Path, names: Sequence[str], side: int, channels: int,
                 contents: NDArray[np.uint8], values: Values | None = None) -> None:
        self._root, self._names, self._contents, self._values = root, names, contents, values
        self._side, self.channels = side, channels
        self.sizes = np.full((len(names), 2), side, np.int64)
        look = f"square {side} {channels} {values}"
        self.key = hashlib.sha256(contents.tobytes() + look.encode()).hexdigest()[:16]

    def picture(self, place: int) -> Pictures:
        file = self._root / self._names[place]
        try:
            content = read_unchanged(file, self._contents[place])
            return decode_square(content, self._side, self.channels, self._values)
        except Exception as error:  # Pillow raises almost anything for a damaged file
            check_resources(error, file)
            raise UserError(f"{file}: can no longer be read ({error_text(error)})") from error


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


def decode_square(content: bytes, side: int, channels: int, values: Values | None = SIXTEEN_BITS) -> Pictures:
    """Decode a picture file as uint8 [side, side, channels].

    The picture is rotated by its EXIF orientation, placed on white if transparent, converted to grey or colour, and
    resized to a square (bilinear, antialiased), without cropping or keeping the aspect ratio. More than 8 bits are
    scaled by ``values``.

    Raises:
        Exception: of almost any type, as Pillow's plug-ins do, if it is damaged.
    """
    with opened(content) as picture:
        return squared(picture, side, channels, values)


def squared(picture: Image.Image, side: int, channels: int, values: Values | None) -> Pictures:
    """Return an opened picture as :func:`decode_square` does."""
    picture.draft("L" if channels == 1 else "RGB", (side, side))
    plain = to_mode(upright(picture), "L" if channels == 1 else "RGB", values)
    if plain.size != (side, side):
        plain = plain.resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(plain, np.uint8).reshape(side, side, channels)


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


def to_mode(picture: Image.Image, mode: str, values: Values | None = SIXTEEN_BITS) -> Image.Image:
    """Convert a picture to ``L`` or ``RGB``: on white if transparent, more than 8 bits scaled by ``values``.

    Raises:
        UnscaledError: it has more than 8 bits, and the values are unknown.
    """
    if is_deep(picture):  # which Pillow would clip instead of scaling
        return to_grey(picture, values).convert(mode)
    if picture.has_transparency_data:
        return _on_white(picture, mode)
    picture.load()
    return picture if picture.mode == mode else picture.convert(mode)


def upright(picture: Image.Image) -> Image.Image:
    """Return a picture turned by its EXIF orientation; itself if it is not, as a copy takes four bytes a pixel."""
    return ImageOps.exif_transpose(picture) if is_turned(picture) else picture


def _on_white(picture: Image.Image, mode: str) -> Image.Image:
    """Convert a transparent picture band by band, as each of its copies takes four bytes a pixel."""
    found = Image.new(mode, picture.size)
    for top in range(0, picture.height, _BAND):
        upper = picture.crop((0, top, picture.width, min(top + _BAND, picture.height))).convert("RGBA")
        found.paste(Image.alpha_composite(Image.new("RGBA", upper.size, "white"), upper).convert(mode), (0, top))
    return found


def error_text(error: Exception) -> str:
    """Return an exception's message in one line, or its type."""
    if isinstance(error, UnidentifiedImageError):  # whose message is an address in memory
        return "its content is no picture"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__
