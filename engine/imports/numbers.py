"""Printed numbers: their value, their scale, and how far they were rounded."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.catalog.metrics import METRICS
from engine.errors import UserError

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_NUMBER = re.compile(r"([+-]?\d*\.?\d+(?:[eE][+-]?\d+)?)\s*(%*)")
_EMPTY = ("", "-", "–", "—", "nan", "none", "null", "n/a")
_FULL = 6
"""Digits after the point from which on a number counts as not rounded."""


@dataclass(frozen=True)
class Numbers:
    """A column of figures in the metric's unit; None where a cell is empty.

    Attributes:
        rounding: half of the last digit of the column, in the same unit; 0 where the numbers were printed in full.
        percent: they were printed in %.
    """

    values: tuple[float | None, ...]
    rounding: float
    percent: bool


def read_numbers(texts: Sequence[str], metric: str, places: Sequence[str]) -> Numbers:
    """The figures of a column; shares are taken for % where one is above 1 or has the sign.

    All have the rounding of the one with the most digits, since zeros at the end are often not written.

    Args:
        places: where each stands, for error messages.

    Raises:
        UserError: a cell is no number, or a share is not between 0 and 1, or 0 and 100 %.
    """
    matched = [_matched(text, metric, place) for text, place in zip(texts, places, strict=True)]
    share = metric == "f1" or METRICS[metric].unit == "share"
    percent = share and any(found and (found[1] or abs(float(found[0])) > 1) for found in matched)
    scale = 0.01 if percent else 1.0
    values = tuple(None if found is None else _scaled(found[0], percent) for found in matched)
    for value, text, place in zip(values, texts, places, strict=True):
        if share and value is not None and not 0 <= value <= 1:
            raise UserError(f"import: {place}: {metric}: {text!r} is not a share of 0 to 1 or 0 to 100 %")
    digits = [_digits(found[0]) for found in matched if found is not None]
    rounding = 0.5 * 10.0 ** -max(digits) * scale if digits and max(digits) < _FULL else 0.0
    return Numbers(values, rounding, percent)


def is_number(text: str) -> bool:
    return text.lower() in _EMPTY or _NUMBER.fullmatch(_with_point(text)) is not None


def _matched(text: str, metric: str, place: str) -> tuple[str, str] | None:
    """The number's text and its % sign; None where there is none."""
    if text.lower() in _EMPTY:
        return None
    found = _NUMBER.fullmatch(_with_point(text))
    if found is None or not math.isfinite(float(found[1])):
        raise UserError(f"import: {place}: {metric}: {text!r} is not a number")
    return found[1], found[2]


def _with_point(text: str) -> str:
    """Without commas between thousands, and with a point where a comma stands for it."""
    return text.replace(",", "") if _THOUSANDS.fullmatch(text) else text.replace(",", ".")


def _scaled(text: str, percent: bool) -> float:
    """Shares of printed % have no more digits than were printed: 45.88 is 0.4588, not 0.45880000000000004."""
    return round(float(text) / 100, 12) if percent else float(text)


def _digits(text: str) -> int:
    mantissa, _, exponent = text.lower().partition("e")
    return max(len(mantissa.partition(".")[2]) - int(exponent or 0), 0)
