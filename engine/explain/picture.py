"""Reading a picture that somebody brought, of whatever size and format. Imports no torch."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from engine.data.dataset import Pictures
from engine.errors import UserError

_MOST_PIXELS = 100_000_000


def read_picture(content: bytes, name: str) -> Image.Image:
    """The picture upright, in grey (``L``) or colour (``RGB``), the first one of several; transparent is white.

    Args:
        name: what to call it in errors.

    Raises:
        UserError: it is no picture that can be read, or is larger than 100 megapixels.
    """
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise UserError(f"{name}: {picture.width}×{picture.height} pixels are too many")
            return _plain(ImageOps.exif_transpose(picture))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise UserError(f"{name}: cannot be read as a picture ({type(error).__name__})") from None


def read_picture_file(path: Path) -> Image.Image:
    """As :func:`read_picture`.

    Raises:
        UserError: also when there is no such file.
    """
    try:
        return read_picture(path.read_bytes(), path.name)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from None


def like_a_test_picture(picture: Image.Image, *, size: int, channels: int, invert: bool = False) -> Pictures:
    """The middle square of a picture at the size and with the channels that a data set's pictures have.

    From there on it is treated as they are, so that what was small in training is as coarse here.

    Args:
        size: side of the data set's pictures, in pixels.
        channels: 1 (grey) or 3 (colour).
        invert: exchange light and dark, for data drawn light on dark.

    Returns:
        uint8 [1, size, size, channels].
    """
    shaped = picture.convert("L" if channels == 1 else "RGB")
    if shaped.size != (size, size):
        shaped = ImageOps.fit(shaped, (size, size), Image.Resampling.BILINEAR)
    array = np.asarray(ImageOps.invert(shaped) if invert else shaped, dtype=np.uint8)
    return array.reshape(1, size, size, channels)


def _plain(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith(("I", "F")):  # 16 or 32 bits a pixel
        levels = np.asarray(picture, dtype=np.float64)
        low, high = float(levels.min()), float(levels.max())
        return Image.fromarray(np.round(255 * (levels - low) / ((high - low) or 1)).astype(np.uint8))
    if picture.has_transparency_data:
        seen = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)
    return picture.convert("L" if picture.mode in ("1", "L", "LA") else "RGB")
