"""Geometric operations on whole batches, as a gather with pixel maps that torchvision computes once."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

_BUDGET = 64 << 20
"""Bytes of cached maps; TrivialAugment has 310 maps, 62 MB for pictures of 224 px."""


class Geometry:
    """Shears, shifts and rotations of square pictures, nearest pixel, black outside.

    ``torchvision.transforms.v2.functional`` is applied to a picture of pixel indices, so that each pixel moves exactly
    as in torchvision.
    """

    def __init__(self, size: int, device: torch.device) -> None:
        self._size, self._device = size, device
        self._map = lru_cache(max(16, _BUDGET // (4 * size**2)))(self._new_map)

    def __call__(self, pictures: Tensor, moves: Sequence[tuple[str, float]]) -> Tensor:
        """Move each picture of uint8 [n, C, size, size] by its own (name in :data:`MOVES`, magnitude)."""
        with_black = functional.pad(pictures.flatten(2), (0, 1))
        places = torch.stack([self._map(*move) for move in moves]).long()[:, None]
        return with_black.gather(2, places.expand(-1, pictures.shape[1], -1)).view_as(pictures)

    def _new_map(self, name: str, magnitude: float) -> Tensor:
        """Return the source pixel of each pixel, int32 [size²]; size² stands for black."""
        numbers = torch.arange(1.0, self._size**2 + 1).view(1, self._size, self._size)
        moved = MOVES[name](numbers, magnitude).flatten().int() - 1
        return moved.where(moved >= 0, self._size**2).to(self._device)


def _sheared(picture: Tensor, magnitude: float, axis: int) -> Tensor:
    shear = [0.0, 0.0]
    shear[axis] = math.degrees(math.atan(magnitude))
    return _affine(picture, shear=shear, center=[0, 0])


def _shifted(picture: Tensor, magnitude: float, axis: int) -> Tensor:
    shift = [0, 0]
    shift[axis] = int(magnitude)
    return _affine(picture, translate=shift)


def _affine(picture: Tensor, **changed: object) -> Tensor:
    from torchvision.transforms.v2 import functional as torchvision_functional

    still: dict[str, object] = {"angle": 0.0, "translate": [0, 0], "scale": 1.0, "shear": [0.0, 0.0]}
    moved: Tensor = torchvision_functional.affine(picture, **(still | changed))
    return moved


def _turned(picture: Tensor, degrees: float) -> Tensor:
    from torchvision.transforms.v2 import functional as torchvision_functional

    moved: Tensor = torchvision_functional.rotate(picture, angle=degrees)
    return moved


MOVES: dict[str, Callable[[Tensor, float], Tensor]] = {
    "ShearX": lambda picture, magnitude: _sheared(picture, magnitude, 0),
    "ShearY": lambda picture, magnitude: _sheared(picture, magnitude, 1),
    "TranslateX": lambda picture, magnitude: _shifted(picture, magnitude, 0),
    "TranslateY": lambda picture, magnitude: _shifted(picture, magnitude, 1),
    "Rotate": _turned,
}
"""Move a float picture [1, H, W] by a magnitude, like torchvision's automatic augmentations."""
