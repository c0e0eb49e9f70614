"""Estimates with their intervals, one under another on one axis, as HTML."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

_PADDING = 0.06
_MOST_TICKS = 5


@dataclass(frozen=True)
class Bar:
    """One estimate; an end of its interval that is not known is None.

    Attributes:
        tone: ``for``, ``against`` or ``open``: which side of the expectation the interval is surely on.
        note: shown when pointed at.
    """

    title: str
    estimate: float
    low: float | None
    high: float | None
    tone: str = "open"
    note: str = ""


def forest(bars: Sequence[Bar], in_words: Callable[[float], str], *, margin: float = 0.0, title: str = "") -> str:
    """The bars as HTML, with zero marked and the margin around it shaded; ``in_words`` writes a value with its sign."""
    start, end = _limits(bars, margin)
    rows = "".join(_row(bar, start, end, in_words, margin) for bar in bars)
    ticks = "".join(f'<span style="left:{_place(tick, start, end)}">{escape(in_words(tick))}</span>'
                    for tick in ticks_between(start, end))
    head = f"<b>{escape(title)}</b>" if title else "<b></b>"
    return (f'<div class="dr-forest">{head}<i></i><i></i>{rows}'
            f'<b></b><div class="dr-ticks">{ticks}</div><i></i></div>')


def ticks_between(start: float, end: float) -> list[float]:
    """Round numbers between two ends, at most five."""
    width = (end - start) / _MOST_TICKS
    if not width > 0:
        return [0.0]
    power = 10.0 ** math.floor(math.log10(width))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= width * (1 - 1e-9))
    return [step * place for place in range(math.ceil(start / step), math.floor(end / step) + 1)]


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
