"""A hypothesis in words, while it is being declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_EXPECTED = {"higher": "is above zero", "lower": "is below zero", "none": "is within the margin of zero"}


def hypothesis_in_words(claim: Mapping[str, Any]) -> str:
    """``cutmix − none of mixing, at model resnet18, is above zero.``"""
    beyond = {"higher": "higher", "lower": "lower"}.get(str(claim.get("expect", "higher")), "different")
    kind = claim.get("kind")
    if kind == "best":
        return f"{_named(claim.get('best'))} is {beyond} than every other{_where(claim).rstrip(',')}."
    if kind == "ordering":
        rows = " and ".join(f"{', '.join(_several(labels))} of {factor}"
                            for factor, labels in (claim.get("order") or {}).items())
        return f"{rows}, each {beyond} than the next{_where(claim).rstrip(',')}."
    difference = " and ".join(f"{a} − {b} of {factor}" for factor, (a, b) in _pairs(claim.get("between")))
    expected = _EXPECTED[str(claim.get("expect", "higher"))]
    if kind == "trend":
        of = difference or "the figure"
        return f"The slope of {of} over {claim.get('over')}{_where(claim)} {expected}."
    if kind == "interaction":
        places = " and ".join(f"{c} than at {d} ({factor})" for factor, (c, d) in _pairs(claim.get("change")))
        more = {"higher": "is larger at", "lower": "is smaller at", "none": "is the same, within the margin, at"}
        return f"{difference}{_where(claim)} {more[str(claim.get('expect', 'higher'))]} {places}."
    return f"{difference}{_where(claim)} {expected}."


def _pairs(pairs: Mapping[str, Any] | None) -> list[tuple[str, tuple[Any, Any]]]:
    return [(factor, (pair[0], pair[1])) for factor, pair in (pairs or {}).items() if len(pair) == 2]


def _named(levels: Mapping[str, Any] | None) -> str:
    return " with ".join(f"{label} ({factor})" for factor, label in (levels or {}).items())


def _several(labels: Any) -> list[str]:
    return [str(label) for label in labels] if isinstance(labels, list | tuple) else [str(labels)]


def _where(claim: Mapping[str, Any]) -> str:
    held = [f"{factor} {' or '.join(_several(labels))}" for factor, labels in (claim.get("at") or {}).items()]
    each = [f"each {factor}" for factor in claim.get("each") or ()]
    return f", at {' and '.join([*held, *each])}," if held or each else ""
