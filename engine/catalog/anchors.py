"""Parsing a detector's anchor options. Imports no torch."""

import math
from itertools import pairwise

from engine.errors import ConfigError

SIZES = (32, 64, 128, 256, 512)
"""Published side lengths in pixels, one for each pyramid level, finest first."""
RATIOS = (0.5, 1.0, 2.0)
"""Published height-to-width ratios."""


def anchor_sizes(text: str) -> tuple[int, ...]:
    """Parse side lengths such as ``16+32+64+128+256``; empty text means the published ones.

    Raises:
        ConfigError: not one ascending side for each pyramid level.
    """
    sizes = tuple(round(size) for size in _numbers("anchor_sizes", text)) or SIZES
    if len(sizes) != len(SIZES) or any(one >= other for one, other in pairwise(sizes)):
        raise ConfigError("anchor_sizes", text, f"{len(SIZES)} ascending sides in pixels, one for each level of the "
                                                f"pyramid, such as {'+'.join(map(str, SIZES))}")
    return sizes


def anchor_ratios(text: str) -> tuple[float, ...]:
    """Parse height-to-width ratios such as ``0.5+1+2``; empty text means the published ones.

    Raises:
        ConfigError: not positive numbers joined by ``+``.
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
