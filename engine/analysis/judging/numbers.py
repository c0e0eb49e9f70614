"""Formatting of numbers with no more digits than the inputs have."""

import math

from engine.catalog.metric import UNITS, Metric
from engine.catalog.metrics import METRICS

_KOREAN = {" points": " %p", " s": "초", " images/s": "장/초"}
MINUS = "−"


def digits_of(metric: str, rounding: float) -> int:
    """Return the decimals to print in the displayed unit: the metric's own, or fewer if the inputs have fewer.

    Args:
        rounding: half of the last digit of the least precise input, in the metric's unit; 0 if unrounded.
    """
    row = METRICS[metric]
    if rounding <= 0:
        return row.digits
    return max(0, min(row.digits, round(-math.log10(2 * rounding * row.as_unit.scale))))


def difference(value: float, metric: str, digits: int, language: str = "en", signed: bool = True) -> str:
    """Format a difference: ``+1.20 points`` (``+1.20 %p`` in Korean)."""
    row = METRICS[metric]
    return f"{bare(value, row, digits, signed)}{unit_of_difference(row, language)}"


def bare(value: float, row: Metric, digits: int, signed: bool = True) -> str:
    """Format a difference without its unit; zero has no sign."""
    text = f"{abs(value) * row.as_unit.scale:,.{digits}f}"
    if not float(text.replace(",", "")) or not signed:
        return text
    return f"{MINUS if value < 0 else '+'}{text}"


def unit_of_difference(row: Metric, language: str = "en") -> str:
    suffix = UNITS[row.unit].difference_suffix
    return _KOREAN.get(suffix, suffix) if language == "ko" else suffix


def ratio(value: float) -> str:
    """``×1.25``; three significant digits far from 1."""
    if math.isinf(value):
        return "×∞"
    return f"×{value:.2f}" if 0.1 <= value < 100 else f"×{value:.3g}"


def probability(p: float) -> str:
    """``= 0.012`` or ``< 0.001``."""
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"
