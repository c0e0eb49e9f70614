"""The anchors of a detector, as an option says them. Imports no torch."""

import math
from itertools import pairwise

from engine.errors import ConfigError

SIZES = (32, 64, 128, 256, 512)
"""Sides in pixels as published, one for each level of the pyramid, the finest first."""
RATIOS = (0.5, 1.0, 2.0)
"""Height over width, as published."""


def anchor_sizes(text: str) -> tuple[int, ...]:
    """The sides that a text such as ``16+32+64+128+256`` says; empty: those published.

    Raises:
        ConfigError: it is not so many ascending sides.
    """
    sizes = tuple(round(size) for size in _numbers("anchor_sizes", text)) or SIZES
    if len(sizes) != len(SIZES) or any(one >= other for one, other in pairwise(sizes)):
        raise ConfigError("anchor_sizes", text, f"{len(SIZES)} ascending sides in pixels, one for each level of the "
                                                f"pyramid, such as {'+'.join(map(str, SIZES))}")
    return sizes


def anchor_ratios(text: str) -> tuple[float, ...]:
    """The shapes that a text such as ``0.5+1+2`` says; empty: those published.

    Raises:
        ConfigError: one of them is no ratio.
    """
    return _numbers("anchor_ratios", text) or RATIOS


def _numbers(key: str, text: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(part) for part in text.split("+")) if text.strip() else ()
    except ValueError:
        numbers = (math.nan,)
    if not all(0 < number < math.inf for number in numbers):
        raise ConfigError(key, text, "numbers above 0 joined by +")
    return numbers
