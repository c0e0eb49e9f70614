"""Pictures in files of any size and kind, read as squares of one size."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from engine.data.dataset import Pictures
from engine.data.readers.picture_opening import check_resources, opened
from engine.errors import UserError
from engine.files import open_regular, read_regular

SUFFIXES = frozenset({".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm",
                      ".pbm", ".pnm", ".tga", ".avif"})
_GREY = frozenset({"1", "L", "LA", "I;16", "I;16B", "I;16L", "I", "F"})
_SAMPLE = 256
_SMALLEST, _LARGEST = 8, 256


class PictureFiles:
    """A set that is read when it is asked for: ``images[ids]`` decodes uint8 [len(ids), side, side, channels].

    Safe to call from several threads. Raises UserError, naming the file, when a picture has gone or been damaged.
    """

    def __init__(self, root: Path, names: Sequence[str], side: int, channels: int) -> None:
        self._root, self._names = root, names
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
                out[row] = decoded(read_regular(file), side, channels)
            except Exception as error:  # a broken file makes Pillow raise almost anything
                check_resources(error, file)
                raise UserError(f"{file}: cannot be read any more ({reason(error)})") from error
        return out


def decoded(content: bytes, side: int, channels: int) -> Pictures:
    """A picture file's content as uint8 [side, side, channels].

    It is turned upright by its EXIF orientation, laid on white where it is transparent, brought to grey or colour,
    and then squeezed to a square as a whole (bilinear, antialiased): nothing is cropped, the aspect is not kept.

    Raises:
        Exception: almost any kind, as Pillow's plug-ins do, when it is no whole picture.
    """
    with opened(content) as picture:
        picture.draft("L" if channels == 1 else "RGB", (side, side))
        squared = flat(ImageOps.exif_transpose(picture), "L" if channels == 1 else "RGB")
    if squared.size != (side, side):
        squared = squared.resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(squared, np.uint8).reshape(side, side, channels)


def common_form(root: Path, names: Sequence[str]) -> tuple[int, int]:
    """The side in pixels and the channels at which a set is read, from the headers of up to 256 pictures of it.

    The side is the median of their shorter sides, from 8 to 256; grey (1) only if all of them are.
    """
    sides, grey = [], True
    for place in np.unique(np.linspace(0, len(names) - 1, min(_SAMPLE, len(names))).astype(int)):
        try:
            with open_regular(root / names[place]) as file, Image.open(file) as picture:
                sides.append(min(picture.size))
                grey &= picture.mode in _GREY
        except Exception:  # unreadable pictures are counted when all are read
            continue
    side = int(np.median(sides)) if sides else _SMALLEST
    return min(max(side, _SMALLEST), _LARGEST), 1 if grey and sides else 3


def flat(picture: Image.Image, mode: str) -> Image.Image:
    """The picture in that mode (``L`` or ``RGB``): on white where it is transparent, 16 bits a pixel scaled to 8."""
    if picture.mode.startswith("I"):  # 16 bits a pixel, which Pillow would clip and not scale
        levels = np.asarray(picture).astype(np.int64) >> 8
        return Image.fromarray(levels.clip(0, 255).astype(np.uint8)).convert(mode)
    if picture.has_transparency_data:
        upper = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", upper.size, "white"), upper)
    return picture.convert(mode)


def reason(error: Exception) -> str:
    """What an exception says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__
