"""How training pictures are stored in memory, decided from their shape before any is read. Imports no torch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.catalog.augmentations import Augmentation

RESIZED_BUDGET = 1 << 30
"""Bytes up to which a set is resized once; a larger one is resized batch by batch."""

MIRRORED_BUDGET = 512 << 20
"""Bytes up to which the padded set is also stored mirrored, so that flips are free."""


@dataclass(frozen=True)
class StoragePlan:
    """How training pictures are stored.

    Attributes:
        shape: of the uint8 array.
        sides: height and width to which all are resized at once; None: each batch is resized, padded and cropped.
        padding: zero pixels around each picture.
        mirrored: mirrored copies are stored too.
    """

    shape: tuple[int, ...]
    sides: tuple[int, int] | None = None
    padding: int = 0
    mirrored: bool = False

    @property
    def bytes(self) -> int:
        return math.prod(self.shape)


def plan_storage(
    shape: Sequence[int], *, size: int, padding: int, flips: bool, scales: tuple[int, int] | None,
) -> StoragePlan:
    """Resize, pad and mirror all pictures at once if they get one size and already have it or fit the budget.

    Args:
        shape: number, height, width and channels of the original pictures.
        size: side of the model's input.
        flips: whether pictures are mirrored at random.
        scales: smallest and largest short side before the crop; None: resized to ``size`` square.
    """
    count, height, width, channels = shape
    sides = short_side((height, width), scales[0]) if scales else (size, size)
    one_size = scales is None or scales[0] == scales[1]
    if not one_size or (sides != (height, width) and not fits_resized(count, sides, channels)):
        return StoragePlan(tuple(shape))
    padded = (sides[0] + 2 * padding, sides[1] + 2 * padding, channels)
    mirrored = flips and 2 * count * math.prod(padded) <= MIRRORED_BUDGET
    return StoragePlan((count * (1 + mirrored), *padded), sides, padding, mirrored)


def fits_resized(count: int, sides: tuple[int, int], channels: int) -> bool:
    """Whether this many pictures are stored resized to these sides, rather than resized batch by batch."""
    return count * math.prod(sides) * channels <= RESIZED_BUDGET


def scaled_padding(augmentation: Augmentation, size: int) -> int:
    """Return the crop's padding in pixels: the recipe's for 32 px in proportion to ``size``, at least 1 if it crops."""
    return max(1, round(augmentation.crop_padding * size / 32)) if augmentation.crop_padding else 0


def short_side(sides: Sequence[int], scale: int) -> tuple[int, int]:
    """Return height and width with the shorter side ``scale`` pixels, keeping the aspect ratio as torchvision does."""
    height, width = sides
    if height <= width:
        return scale, int(scale * width / height)
    return int(scale * height / width), scale
