"""Names beside dots, so that none lies on another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_CHARACTER, _LINE, _DOT = 6.0, 13.0, 7.0
"""Pixels: the width of a letter and the height of a line at 11 pixels, and half a dot with its air."""
_SIDES = {"top center": (0, 1), "bottom center": (0, -1), "middle right": (1, 0), "middle left": (-1, 0),
          "top left": (-1, 1), "bottom right": (1, -1), "top right": (1, 1), "bottom left": (-1, -1)}

Box = tuple[float, float, float, float]


def placed(x: NDArray[np.float64], y: NDArray[np.float64], names: Sequence[str]) -> list[tuple[str, str]]:
    """Each dot's name with Plotly's ``textposition``; the name is empty where no side of the dot has room.

    Args:
        x, y: [N] the dots' places in pixels, up and to the right.
    """
    taken: list[Box] = [(left - _DOT, low - _DOT, left + _DOT, low + _DOT)
                        for left, low in zip(x.tolist(), y.tolist(), strict=True)]
    found = []
    for left, low, name in zip(x.tolist(), y.tolist(), names, strict=True):
        boxes = {side: _box(left, low, len(name), *way) for side, way in _SIDES.items()}
        side = next((side for side, box in boxes.items() if not any(_meet(box, other) for other in taken)), None)
        if side:
            taken.append(boxes[side])
        found.append((name, side) if side else ("", "top center"))
    return found


def _box(x: float, y: float, letters: int, right: int, up: int) -> Box:
    """Left, bottom, right and top of a name on that side of a dot."""
    half = letters * _CHARACTER / 2
    x, y = x + right * (half + _DOT), y + up * (_LINE / 2 + _DOT)
    return x - half, y - _LINE / 2, x + half, y + _LINE / 2


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
