"""Pictures of more than 8 bits: one range of values for all of a set, from black to white."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.errors import ConfigError

Values = tuple[float, float]
"""The values that are black and white; all pictures of a set have the same."""

SIXTEEN_BITS: Values = (0, 65535)
DARK = 64
"""Pictures of bytes without a value as high are told to be nearly black."""


class UnscaledError(Exception):
    """A picture of more than 8 bits, where the range of its set is not yet known."""


def is_deep(picture: Image.Image) -> bool:
    """Whether a picture has one channel of 16 or 32 bits, whole numbers or not."""
    return picture.mode.startswith("I") or picture.mode == "F"


def to_grey(picture: Image.Image, values: Values | None) -> Image.Image:
    """Return a deep picture with 8 bits; what lies beyond the values is black or white.

    Raises:
        UnscaledError: the values are unknown.
    """
    if values is None:
        raise UnscaledError
    return Image.fromarray(scaled(_numbers(picture), values))


def scaled(numbers: NDArray[Any], values: Values) -> NDArray[np.uint8]:
    """Return numbers as bytes, 255 for white; what is not finite is black, or white if it is above all."""
    low, high = values
    share = (np.nan_to_num(numbers.astype(np.float64), nan=low, posinf=high, neginf=low) - low) / (high - low)
    return (share.clip(0, 1) * 255).round().astype(np.uint8)


def extremes(picture: Image.Image) -> Values | None:
    """Return the lowest and highest value of a deep picture; None: it is not deep, or has no finite value."""
    finite = _numbers(picture) if is_deep(picture) else np.empty(0)
    finite = finite[np.isfinite(finite)]
    return (float(finite.min()), float(finite.max())) if finite.size else None


def common_values(found: Iterable[Values | None]) -> Values:
    """Return the range of a set from those of its pictures."""
    known = [each for each in found if each]
    low, high = min((each[0] for each in known), default=0.0), max((each[1] for each in known), default=1.0)
    return low, high if high > low else low + 1


def parse_values(text: str) -> Values | None:
    """Return the values in ``0:4095``; None if empty.

    Raises:
        ConfigError: they are no two rising numbers.
    """
    if not text:
        return None
    try:
        low, high = map(float, text.split(":"))
    except ValueError:
        low = high = 0.0
    if not (np.isfinite([low, high]).all() and low < high):
        raise ConfigError("data_path", f"range={text}", "two rising numbers, range=BLACK:WHITE as in range=0:4095")
    return low, high


def _numbers(picture: Image.Image) -> NDArray[np.float64]:
    return np.asarray(picture).astype(np.float64)
