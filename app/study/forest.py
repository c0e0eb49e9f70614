"""Forest plots: estimates with confidence intervals on one axis, as HTML."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

_PADDING = 0.06
_MOST_TICKS = 5
_WIDE = 3.0


@dataclass(frozen=True)
class Bar:
    """An estimate with its interval; unknown ends are None.

    Attributes:
        tone: ``for`` or ``against`` if the whole interval agrees with or contradicts the expectation, else ``open``.
        note: tooltip.
    """

    title: str
    estimate: float
    low: float | None
    high: float | None
    tone: str = "open"
    note: str = ""


@dataclass(frozen=True)
class Axis:
    """How an axis formats estimates (``in_words``) and places ticks between two ends."""

    in_words: Callable[[float], str]
    ticks: Callable[[float, float], Mapping[float, str]]


def forest(bars: Sequence[Bar], axis: Axis, *, margin: float = 0.0, title: str = "") -> str:
    """Return the plot as HTML, with zero marked and the margin around it shaded."""
    start, end = _limits(bars, margin)
    rows = "".join(_row(bar, start, end, axis.in_words, margin) for bar in bars)
    ticks = "".join(f'<span style="left:{_place(tick, start, end)}">{escape(text)}</span>'
                    for tick, text in axis.ticks(start, end).items())
    return (f'<div class="dr-forest"><b>{escape(title)}</b>{rows}'
            f'<b></b><div class="dr-ticks">{ticks}</div><i></i></div>')


def difference_axis(in_words: Callable[[float], str], scale: float) -> Axis:
    """Return an axis of differences, displayed multiplied by ``scale``."""
    def ticks(start: float, end: float) -> dict[float, str]:
        return {tick / scale: f"{tick:+.10g}".replace("-", "−") if tick else "0"
                for tick in ticks_between(start * scale, end * scale)}

    return Axis(in_words, ticks)


def ratio_axis(in_words: Callable[[float], str]) -> Axis:
    """Return an axis of log ratios, on which ×½ and ×2 are equally far from ×1."""
    def ticks(start: float, end: float) -> dict[float, str]:
        low, high = math.exp(start), math.exp(end)
        round_ones = ticks_between(low, high) if high < _WIDE * low else _powers(low, high)
        return {math.log(tick): f"×{tick:.3g}" for tick in round_ones if tick > 0}

    return Axis(lambda value: in_words(math.exp(value)), ticks)


def _powers(low: float, high: float) -> list[float]:
    """Return the powers of two between two ratios, or of a larger base if those are too many."""
    base = 2.0
    while math.log(high / low, base) > _MOST_TICKS:
        base *= 2
    return [base ** power for power in range(math.ceil(math.log(low, base)), math.floor(math.log(high, base)) + 1)]


def ticks_between(start: float, end: float) -> list[float]:
    """Return at most five round numbers between two ends."""
    width = (end - start) / _MOST_TICKS
    if not width > 0:
        return [0.0]
    power = 10.0 ** math.floor(math.log10(width))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= width * (1 - 1e-9))
    return [round(step * place, 12) for place in range(math.ceil(start / step), math.floor(end / step) + 1)]


def _limits(bars: Sequence[Bar], margin: float) -> tuple[float, float]:
    values = [0.0, -margin, margin]
    values += [value for bar in bars for value in (bar.low, bar.estimate, bar.high)
               if value is not None and math.isfinite(value)]
    padding = _PADDING * (max(values) - min(values)) or 0.01
    return min(values) - padding, max(values) + padding


def _row(bar: Bar, start: float, end: float, in_words: Callable[[float], str], margin: float) -> str:
    parts = []
    if margin:
        parts.append(_span("dr-margin", -margin, margin, start, end))
    parts.append(f'<u style="left:{_place(0.0, start, end)}"></u>')
    interval = ""
    if bar.low is not None and bar.high is not None:
        low, high = max(bar.low, start), min(bar.high, end)
        parts.append(_span("dr-interval", low, high, start, end))
        interval = f"<small>{escape(in_words(bar.low))} to {escape(in_words(bar.high))}</small>"
    parts.append(f'<s style="left:{_place(bar.estimate, start, end)}"></s>')
    return (f'<b title="{escape(bar.note)}">{escape(bar.title)}</b>'
            f'<div class="dr-line dr-{bar.tone}">{"".join(parts)}</div>'
            f"<span>{escape(in_words(bar.estimate))}{interval}</span>")


def _span(name: str, low: float, high: float, start: float, end: float) -> str:
    width = 100 * (high - low) / (end - start)
    return f'<em class="{name}" style="left:{_place(low, start, end)};width:{width:.2f}%"></em>'


def _place(value: float, start: float, end: float) -> str:
    return f"{100 * (value - start) / (end - start):.2f}%"
