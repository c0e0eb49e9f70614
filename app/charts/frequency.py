"""How well a class is detected against how often it occurs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.charts.labels import placed
from app.charts.packing import Figure
from engine.evaluation.box_results import ClassRow

_NAMED = 24
_TICKS = [step * 10**power for power in range(7) for step in (1, 3)]
_RANGE = (-0.04, 1.08)
_WIDTH = 480
"""Pixels that names are placed for: hardly narrower does the chart's inside become."""
_DOT, _CHOSEN = "#3a7bd0", "#d2691e"


def frequency(rows: Sequence[ClassRow], counts: Sequence[int], of: str, chosen: int | None,
              height: int = 380) -> Figure:
    """A point a class that is there to be found; a click tells its label as ``row``'s place in :func:`measured`.

    Args:
        counts: of each class, objects of the part that ``of`` names.
    """
    labels = measured(rows)
    named = len(labels) <= _NAMED
    x = np.maximum([counts[label] for label in labels], 0.5)
    names = placed(*_pixels(x, rows, labels, height), [rows[label].name for label in labels]) if named else []
    trace: dict[str, Any] = {
        "type": "scatter", "uid": "classes", "mode": "markers+text" if named else "markers",
        "x": x.tolist(), "y": [rows[label].average_precision for label in labels],
        "text": [name for name, _ in names], "textposition": [side for _, side in names], "textfont": {"size": 11},
        "hoverinfo": "text", "showlegend": False, "cliponaxis": False,
        "hovertext": [f"{rows[label].name}<br>{counts[label]:,} objects in {of}<br>average precision "
                      f"{rows[label].average_precision:.1%}<br>recall {rows[label].recall:.1%} of "
                      f"{rows[label].objects:,}" for label in labels],
        "marker": {"size": 9, "opacity": 0.85, "color": [_CHOSEN if label == chosen else _DOT for label in labels]}}
    layout = {
        "uirevision": "kept", "hovermode": "closest", "margin": {"l": 48, "r": 24, "t": 20, "b": 40},
        "xaxis": {"type": "log", "title": {"text": f"objects in {of}"}, "tickmode": "array",
                  "tickvals": _TICKS, "ticktext": [f"{tick:,}" for tick in _TICKS]},
        "yaxis": {"range": list(_RANGE), "tickformat": ".0%", "title": {"text": "average precision"}},
    }
    return Figure([trace], layout, height, stamp=f"{len(labels)} {chosen}")


def _pixels(x: NDArray[np.float64], rows: Sequence[ClassRow], labels: Sequence[int],
            height: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """About where the dots are, right and up."""
    along = np.log10(x)
    span = max(float(np.ptp(along)), 1e-9) if len(along) else 1.0
    up = np.array([rows[label].average_precision for label in labels]) / (_RANGE[1] - _RANGE[0])
    return (along - along.min(initial=np.inf)) / span * _WIDTH, up * (height - 60)


def measured(rows: Sequence[ClassRow]) -> list[int]:
    """The labels of the classes that there is something of to be found."""
    return [label for label, row in enumerate(rows) if np.isfinite(row.average_precision)]
