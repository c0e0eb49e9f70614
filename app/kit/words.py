"""Formatting of numbers and texts for people."""

import re
import time

from engine.catalog.metrics import METRICS, study_metrics
from engine.config import RunConfig, option_label
from engine.errors import ConfigError, UserError
from engine.words import DASH as DASH
from engine.words import counted as counted
from engine.words import duration as duration
from engine.words import p_value as p_value
from engine.words import percent as percent
from engine.words import points as points
from engine.words import size as size

_MARKUP = re.compile(r"[\\`*_\[\]$~<>|&]")
_BEGINS_A_BLOCK = re.compile(r"^(\d*)([#+=.)-])")
# Streamlit resolves colours, icons and emoji after unescaping, so a zero-width character must separate colon and word.
_NAMED = re.compile(r":(?=[A-Za-z]|[\w+-]+:)")


def ago(moment: float | None) -> str:
    """``just now``, ``5 min ago``, ``2 h ago``, ``3 d ago``."""
    if moment is None:
        return DASH
    seconds = time.time() - moment
    for length, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit} ago"
    return f"{seconds:.0f} s ago" if seconds >= 10 else "just now"


def number(value: float | None, digits: int = 4) -> str:
    """Format a number with ``digits`` significant digits, without an exponent where possible."""
    return DASH if value is None else f"{value:.{digits}g}"


def count(value: float | None) -> str:
    """``12,345``."""
    return DASH if value is None else f"{value:,.0f}"


def short_count(value: float | None, digits: int = 3) -> str:
    """``11.2 M``, ``145 k``: so many significant digits."""
    if value is None:
        return DASH
    for power, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= power:
            return f"{float(f'{value / power:.{digits}g}'):g} {unit}"
    return f"{value:.0f}"


def plain(text: str) -> str:
    """Escape a text so that Markdown shows it literally, in one line."""
    escaped = _MARKUP.sub(r"\\\g<0>", " ".join(text.split()))
    return _NAMED.sub(":\u2060", _BEGINS_A_BLOCK.sub(r"\1\\\2", escaped))


def told(error: UserError) -> str:
    """Return a user's mistake as a Markdown sentence; an option is called what its field is called."""
    if isinstance(error, ConfigError) and error.key in RunConfig.model_fields:
        return sentence(f"{option_label(error.key)}: {error.mistake}")
    return sentence(str(error))


def sentence(message: str) -> str:
    """Return a message as an escaped sentence, with a capital and a full stop; what is `between backticks` is code."""
    parts = (message[:1].upper() + message[1:]).split("`")
    if len(parts) % 2 == 0:
        parts = ["`".join(parts)]
    text = "".join(f"`{' '.join(part.split())}`" if place % 2 else _spaced(part) for place, part in enumerate(parts))
    return text + ("" if message.endswith(("?", ".")) else ".")


def _spaced(text: str) -> str:
    """Escape a part of a sentence, and keep a space at its ends."""
    return " " * text[:1].isspace() + plain(text) + " " * (text[-1:].isspace() and bool(text.strip()))


def title_of(metric: str) -> str:
    """Return the metric's title; its name if studies do not know it."""
    return METRICS[metric].title if metric in study_metrics() else metric
