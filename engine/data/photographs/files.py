"""Photographs in their files, decoded with their own aspect ratio."""

import hashlib
from contextlib import suppress

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.io import ImageReadMode, decode_jpeg

from engine.data.dataset import Pictures
from engine.data.photographs.source import FileList, Photographs, reduced
from engine.data.readers.depth import Values
from engine.data.readers.looks import is_turned
from engine.data.readers.picture_files import error_text, read_unchanged, to_mode, upright
from engine.data.readers.picture_opening import check_resources, opened
from engine.data.resize import resize
from engine.errors import UserError

_VERSION = 1
"""Of the values that :func:`decode_photograph` returns."""

_MODES = {1: ("L", ImageReadMode.GRAY), 3: ("RGB", ImageReadMode.RGB)}


class PhotographFiles(Photographs):
    """The files of a split, the shorter side of each picture reduced to ``side`` pixels, if it is longer.

    Args:
        interpolation: ``bilinear`` or ``bicubic``; both antialiased.
    """

    def __init__(self, files: FileList, side: int, interpolation: str) -> None:
        self._files, self._side, self._interpolation = files, side, interpolation
        self.sizes, self.channels = reduced(files.sizes, side), files.channels
        look = f"{_VERSION} {side} {interpolation} {files.channels} {files.values}"
        self.key = hashlib.sha256(files.contents.tobytes() + look.encode()).hexdigest()[:16]

    def picture(self, place: int) -> Pictures:
        files = self._files
        file = files.root / files.names[place]
        height, width = self.sizes[place].tolist()
        try:
            content = read_unchanged(file, files.contents[place])
            return decode_photograph(content, (height, width), self.channels, files.values, self._interpolation)
        except Exception as error:  # Pillow raises almost anything for a damaged file
            check_resources(error, file)
            raise UserError(f"{file}: can no longer be read ({error_text(error)})") from error


def decode_photograph(content: bytes, size: tuple[int, int], channels: int, values: Values | None,
                      interpolation: str) -> Pictures:
    """Decode a picture file as uint8 [H, W, channels], turned upright, on white if transparent, resized to ``size``.

    A JPEG of more than twice the size is decoded at a half, a quarter or an eighth of its own, of which libjpeg leaves
    at least twice the size.

    Raises:
        Exception: of almost any type, as Pillow's plug-ins do, if it is damaged.
    """
    height, width = size
    mode, reading = _MODES[channels]
    with opened(content) as picture:
        stored = picture.size
        picture.draft(mode, (2 * max(size), 2 * max(size)))
        plain = picture.format == "JPEG" and picture.mode == mode and picture.size == stored and not is_turned(picture)
        found = _jpeg(content, reading) if plain else None
        pixels = torch.from_numpy(_pixels(picture, mode, values)) if found is None else found
    return resize(pixels[None], height, width, interpolation)[0].numpy()


def _pixels(picture: Image.Image, mode: str, values: Values | None) -> Pictures:
    array = np.array(to_mode(upright(picture), mode, values), np.uint8)
    return array.reshape(*array.shape[:2], -1)


def _jpeg(content: bytes, reading: ImageReadMode) -> Tensor | None:
    """Decode a JPEG as torchvision does, to the same values as Pillow in 0.7 of its time; None: only Pillow can."""
    with suppress(RuntimeError):
        found: Tensor = decode_jpeg(torch.frombuffer(bytearray(content), dtype=torch.uint8), mode=reading)
        return found.permute(1, 2, 0)
    return None
