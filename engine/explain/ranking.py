"""The likeliest classes of a picture. Imports no torch."""

from __future__ import annotations

from collections.abc import Sequence


def likeliest(probabilities: Sequence[float], count: int = 5) -> list[int]:
    """The labels with the highest probabilities, best first; the lower label first among equals."""
    return sorted(range(len(probabilities)), key=lambda label: (-probabilities[label], label))[:count]
