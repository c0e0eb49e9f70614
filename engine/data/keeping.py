"""How pictures are kept in memory: decided from their shape alone, before any is read. Imports no torch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.catalog.augmentations import Augmentation

RESIZED_BUDGET = 1 << 30
"""Bytes up to which a set that needs resizing is resized once; a larger one is resized batch by batch."""

MIRRORED_BUDGET = 512 << 20
"""Bytes up to which the padded set is stored twice, as it is and mirrored, so that a flip costs nothing."""


@dataclass(frozen=True)
class Keeping:
    """How the pictures a run learns from are kept.

    Attributes:
        shape: of the uint8 array that holds them.
        sides: height and width to which all are resized at once; None: they stay as they are, and each batch is
            resized, padded and cropped by itself.
        padding: zero pixels around each of them.
        mirrored: they are held twice, as they are and mirrored.
    """

    shape: tuple[int, ...]
    sides: tuple[int, int] | None = None
    padding: int = 0
    mirrored: bool = False

    @property
    def bytes(self) -> int:
        return math.prod(self.shape)


def keeping(
    shape: Sequence[int], *, size: int, padding: int, flips: bool, scales: tuple[int, int] | None,
) -> Keeping:
    """Resized, padded and mirrored at once where all get one size, and have it already or fit the budget resized.

    Args:
        shape: number, height, width and channels of the pictures as they come.
        size: side of the pictures that the model sees.
        flips: whether they are mirrored at random.
        scales: smallest and largest short side before the crop; None: resized to ``size`` square.
    """
    count, height, width, channels = shape
    sides = short_side((height, width), scales[0]) if scales else (size, size)
    one_size = scales is None or scales[0] == scales[1]
    if not one_size or (sides != (height, width) and not fits_resized(count, sides, channels)):
        return Keeping(tuple(shape))
    padded = (sides[0] + 2 * padding, sides[1] + 2 * padding, channels)
    mirrored = flips and 2 * count * math.prod(padded) <= MIRRORED_BUDGET
    return Keeping((count * (1 + mirrored), *padded), sides, padding, mirrored)


def fits_resized(count: int, sides: tuple[int, int], channels: int) -> bool:
    """Whether so many pictures are kept resized to these sides, rather than resized batch by batch."""
    return count * math.prod(sides) * channels <= RESIZED_BUDGET


def scaled_padding(augmentation: Augmentation, size: int) -> int:
    """The crop's padding in pixels at this size: the recipe's for 32 px in proportion, at least 1 if it crops."""
    return max(1, round(augmentation.crop_padding * size / 32)) if augmentation.crop_padding else 0


def short_side(sides: Sequence[int], scale: int) -> tuple[int, int]:
    """Height and width (``sides``) when the shorter became ``scale`` pixels, the aspect kept as in torchvision."""
    height, width = sides
    if height <= width:
        return scale, int(scale * width / height)
    return int(scale * height / width), scale
