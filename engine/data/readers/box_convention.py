"""What the four numbers of a box mean: corners or extents, pixels or shares; recognised, and asked about in doubt."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.boxes.arrays import Bools
from engine.data.readers.box_listing import AnnotatedPicture, AnnotationError, Box
from engine.data.reading import BOXES, Reading, overruled
from engine.errors import ConfigError
from engine.words import listed

Numbers = tuple[float, float, float, float]
_SHARES = "-shares"
_CORNERS: dict[str, Callable[[float, float, float, float], Numbers]] = {
    "xywh": lambda x, y, width, height: (x, y, x + width, y + height),
    "xyxy": lambda x1, y1, x2, y2: (x1, y1, x2, y2),
    "cxcywh": lambda x, y, width, height: (x - width / 2, y - height / 2, x + width / 2, y + height / 2),
}
"""How the corners follow from the numbers."""
_OTHER = {"xywh": ("xyxy",), "xyxy": ("xywh",), "cxcywh-shares": ("xyxy-shares", "xywh-shares")}
"""What is often written instead."""
_EDGE, _SHARE_EDGE, _FEWEST, _LEAST_SHARE = 1.0, 0.01, 2, 0.1


def with_corners(found: Sequence[AnnotatedPicture], usual: str, reading: Reading,
                 counted: str) -> tuple[list[AnnotatedPicture], dict[AnnotatedPicture, str]]:
    """Turn the numbers of all boxes, which are as in the files, into corners.

    Args:
        usual: the format's convention, of :data:`engine.data.reading.BOXES`.
        reading: what the user says; else the usual one holds, unless the boxes look like another.

    Returns:
        The pictures that can be used, and what is wrong with each other one.

    Raises:
        ConfigError: the boxes look like another convention, and the user chose none.
    """
    if "boxes" not in reading:
        _refuse_doubt(found, usual)
    convention = reading.get("boxes", usual)
    good, problems = [], {}
    for each in found:
        try:
            boxes = tuple(_with_corners(box, convention, counted) for box in each.boxes)
            good.append(replace(each, boxes=boxes, shares=convention.endswith(_SHARES)))
        except AnnotationError as mistake:
            problems[each] = f"{mistake} ({each.picture})"
    return good, problems


def _with_corners(box: Box, convention: str, counted: str) -> Box:
    corners = _CORNERS[convention.removesuffix(_SHARES)](*box.corners)
    x1, y1, x2, y2 = corners
    if x1 > x2 or y1 > y2:
        axis, low, high = ("x", x1, x2) if x1 > x2 else ("y", y1, y2)
        how = f"{axis}min {low:g} is above {axis}max {high:g}" if convention.startswith("xyxy") else \
            f"{box.corners[2]:g} wide, {box.corners[3]:g} high"
        raise AnnotationError(f"{counted} {box.place}: the box of {box.name} is inverted: {how}")
    return replace(box, corners=corners)


def _refuse_doubt(found: Sequence[AnnotatedPicture], usual: str) -> None:
    numbers = np.array([box.corners for each in found for box in each.boxes], np.float64).reshape(-1, 4)
    if not len(numbers):
        return
    sources = listed(list(dict.fromkeys(each.source for each in found if each.boxes)), 1)
    if not usual.endswith(_SHARES) and numbers.min() >= 0 and 0 < numbers.max() <= 1 and (numbers % 1).any():
        shares = [f"boxes={name}" for name in BOXES if name.endswith(_SHARES)]
        raise _doubt(sources, f"all numbers of its {len(numbers):,} boxes lie from 0 to 1, like shares of the picture "
                     f"({', '.join(shares)}), not like pixels (boxes={usual})", usual + _SHARES)
    sizes = np.array([each.size for each in found for _ in each.boxes], np.float64)
    wrong = int((~_inside(numbers, sizes, usual)).sum())
    for other in _OTHER.get(usual, ()) if wrong >= max(_FEWEST, _LEAST_SHARE * len(numbers)) else ():
        if _inside(numbers, sizes, other).all():
            raise _doubt(sources, f"read as boxes={usual}, {wrong:,} of its {len(numbers):,} boxes are inverted or "
                         f"leave their picture, read as boxes={other} none", other)


def _doubt(sources: str, what: str, likely: str) -> ConfigError:
    return ConfigError("data_path", sources, f"clear: {what}; say which, such as {overruled(f'boxes={likely}')}")


def _inside(numbers: NDArray[np.float64], sizes: NDArray[np.float64], convention: str) -> Bools:
    """Return which boxes are neither inverted nor leave their picture, as far as its size is known."""
    x1, y1, x2, y2 = _CORNERS[convention.removesuffix(_SHARES)](*numbers.T)
    height, width = np.where(sizes > 0, sizes + _EDGE, np.inf).T
    inside: Bools = (x1 <= x2) & (y1 <= y2) & (x2 <= width) & (y2 <= height)
    if convention.endswith(_SHARES):
        inside &= (np.minimum(x1, y1) >= -_SHARE_EDGE) & (np.maximum(x2, y2) <= 1 + _SHARE_EDGE)
    return inside
