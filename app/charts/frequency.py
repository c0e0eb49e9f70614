"""How well a class is detected against how often it occurs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.charts.packing import Figure
from engine.detection.results import ClassRow

_NAMED = 24
_TICKS = [step * 10**power for power in range(7) for step in (1, 3)]
_DOT, _CHOSEN = "#3a7bd0", "#d2691e"


def frequency(rows: Sequence[ClassRow], counts: Sequence[int], of: str, chosen: int | None,
              height: int = 380) -> Figure:
    """A point a class that is there to be found; a click tells its label as ``row``'s place in :func:`measured`.

    Args:
        counts: of each class, objects of the part that ``of`` names.
    """
    labels = measured(rows)
    named = len(labels) <= _NAMED
    trace: dict[str, Any] = {
        "type": "scatter", "uid": "classes", "mode": "markers+text" if named else "markers",
        "x": [max(counts[label], 0.5) for label in labels], "y": [rows[label].average_precision for label in labels],
        "text": [rows[label].name for label in labels], "textposition": "top center", "textfont": {"size": 11},
        "hoverinfo": "text", "showlegend": False, "cliponaxis": False,
        "hovertext": [f"{rows[label].name}<br>{counts[label]:,} objects in {of}<br>average precision "
                      f"{rows[label].average_precision:.1%}<br>recall {rows[label].recall:.1%} of "
                      f"{rows[label].objects:,}" for label in labels],
        "marker": {"size": 9, "opacity": 0.85, "color": [_CHOSEN if label == chosen else _DOT for label in labels]}}
    layout = {
        "uirevision": "kept", "hovermode": "closest", "margin": {"l": 48, "r": 24, "t": 20, "b": 40},
        "xaxis": {"type": "log", "title": {"text": f"objects in {of}"}, "tickmode": "array",
                  "tickvals": _TICKS, "ticktext": [f"{tick:,}" for tick in _TICKS]},
        "yaxis": {"range": [-0.04, 1.08], "tickformat": ".0%", "title": {"text": "average precision"}},
    }
    return Figure([trace], layout, height, stamp=f"{len(labels)} {chosen}")


def measured(rows: Sequence[ClassRow]) -> list[int]:
    """The labels of the classes that there is something of to be found."""
    return [label for label, row in enumerate(rows) if np.isfinite(row.average_precision)]
