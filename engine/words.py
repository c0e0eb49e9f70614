"""Formatting values for people."""

import math
from collections.abc import Sequence

DASH = "–"


def listed(names: Sequence[object], most: int = 5, separator: str = ", ") -> str:
    """``a, b and 3 more``."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return separator.join(map(str, names[:most])) + more


def counted(count: int, noun: str) -> str:
    """``1 run``, ``1,200 runs``."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def points(difference: float) -> str:
    """``−0.42 points``: a difference of shares in percentage points."""
    return f"{100 * difference:+.2f} points".replace("-", "−")


def percent(share: float | None, digits: int = 2) -> str:
    """``97.50 %``; a dash if unknown."""
    return DASH if share is None or math.isnan(share) else f"{100 * share:.{digits}f} %"


def size(bytes_: float | None) -> str:
    """``0.6 MB``, ``512 MB``, ``1.4 GB``, with 1 MB = 10⁶ bytes; a dash if unknown."""
    if bytes_ is None:
        return DASH
    if bytes_ >= 999.5e6:
        return f"{bytes_ / 1e9:,.1f} GB"
    return f"{bytes_ / 1e6:.{int(bytes_ < 9.95e6)}f} MB"


def duration(seconds: float | None) -> str:
    """``0.4 s``, ``38 s``, ``4 min 10 s``, ``2 h 5 min``, ``3 d 4 h``; a dash if unknown."""
    if seconds is None or not math.isfinite(seconds):
        return DASH
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    for size, unit, small, small_unit in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // small
            return f"{whole // size} {unit}" + (f" {rest} {small_unit}" if rest else "")
    return f"{whole} s"


def p_value(p: float) -> str:
    """``= 0.031``, ``< 0.0001``, for after ``p``; a dash if unknown."""
    if math.isnan(p):
        return DASH
    return "< 0.0001" if p < 0.0001 else f"= {p:.2g}"
