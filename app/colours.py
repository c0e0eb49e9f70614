"""A run's colour: the same on every page, after every restart, from its id alone."""

from __future__ import annotations

PALETTE = ("#3a7bd0", "#d2691e", "#2c9a72", "#a855a0", "#b8900f", "#2f9fb3",
           "#cf4a5c", "#7565c7", "#7a942d", "#94705a", "#5b7c95", "#dd7299")
_DASHES = ("solid", "dash", "dot")


def colour(run_id: int) -> str:
    """One of twelve colours that read on light and dark alike."""
    return PALETTE[(run_id - 1) % len(PALETTE)]


def dash(run_id: int) -> str:
    """The line's dash, which tells apart runs that share a colour."""
    return _DASHES[(run_id - 1) // len(PALETTE) % len(_DASHES)]
