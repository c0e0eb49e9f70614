"""Reliability as a figure: how often predictions of each confidence are right, and how many there are."""

from __future__ import annotations

from typing import Any

from app.charts.packing import Figure
from engine.evaluation.metrics import Reliability

_ACCURACY, _GAP, _PICTURES = "#3a7bd0", "#d94a57", "#8a8178"


def reliability_figure(found: Reliability, height: int = 380) -> Figure:
    """Accuracy as bars over confidence, the gap to the mean confidence in red, and below the share of pictures."""
    width = float(found.edges[1] - found.edges[0])
    filled = [place for place in range(len(found.pictures)) if found.pictures[place]]
    middles = [float(found.edges[place]) + width / 2 for place in filled]
    accuracy = [float(found.accuracy[place]) for place in filled]
    gaps = [float(found.confidence[place]) - right for place, right in zip(filled, accuracy, strict=True)]
    told = [f"confidence {found.confidence[place]:.1%}<br>right {found.accuracy[place]:.1%}<br>"
            f"{found.pictures[place]:,} pictures" for place in filled]
    bars: dict[str, Any] = {"type": "bar", "x": middles, "width": width * 0.92, "hovertext": told, "hoverinfo": "text"}
    traces: list[dict[str, Any]] = [
        {"type": "scatter", "uid": "perfect", "mode": "lines", "x": [0, 1], "y": [0, 1], "name": "as it says",
         "hoverinfo": "skip", "line": {"color": _PICTURES, "width": 1.2, "dash": "dot"}},
        {**bars, "uid": "accuracy", "y": accuracy, "name": "right", "marker": {"color": _ACCURACY}},
        {**bars, "uid": "gap", "y": gaps, "base": accuracy, "name": "gap",
         "marker": {"color": _GAP, "opacity": 0.45}},
        {**bars, "uid": "pictures", "y": [int(found.pictures[place]) for place in filled], "yaxis": "y2",
         "showlegend": False, "marker": {"color": _PICTURES, "opacity": 0.6}},
    ]
    share = {"tickformat": ".0%", "range": [0, 1], "fixedrange": True}
    layout = {
        "uirevision": "kept", "barmode": "overlay", "bargap": 0, "margin": {"l": 48, "r": 8, "t": 8, "b": 40},
        "xaxis": {**share, "title": {"text": "confidence"}, "anchor": "y2"},
        "yaxis": {**share, "title": {"text": "right"}, "domain": [0.27, 1]},
        "yaxis2": {"domain": [0, 0.2], "showgrid": False, "zeroline": False, "fixedrange": True, "nticks": 3,
                   "title": {"text": "pictures", "standoff": 8}, "automargin": True},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }
    return Figure(traces, layout, height, stamp=f"{found.error:.6f}")
