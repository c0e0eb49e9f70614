"""Reliability as a figure: how often predictions of each confidence are right, and how many there are."""

from __future__ import annotations

from typing import Any

from app.charts.packing import Figure
from engine.evaluation.metrics import Reliability

_RIGHT, _TOO_SURE, _NOT_SURE, _PICTURES = "#3a7bd0", "#d94a57", "#2c9a72", "#8a8178"


def reliability_figure(found: Reliability, height: int = 380) -> Figure:
    """The share that is right over confidence, with what confidence says too much or too little, above pictures."""
    width = float(found.edges[1] - found.edges[0])
    filled = [place for place in range(len(found.pictures)) if found.pictures[place]]
    right, sure = ([float(column[place]) for place in filled] for column in (found.accuracy, found.confidence))
    lower = [min(pair) for pair in zip(right, sure, strict=True)]
    told = [f"confidence {found.confidence[place]:.1%}<br>right {found.accuracy[place]:.1%}<br>"
            f"{found.pictures[place]:,} pictures" for place in filled]
    bars: dict[str, Any] = {
        "type": "bar", "x": [float(found.edges[place]) + width / 2 for place in filled], "width": width * 0.92,
        "hovertext": told, "hoverinfo": "text"}
    gap = {**bars, "base": lower}
    traces: list[dict[str, Any]] = [
        {"type": "scatter", "uid": "perfect", "mode": "lines", "x": [0, 1], "y": [0, 1], "showlegend": False,
         "hoverinfo": "skip", "line": {"color": _PICTURES, "width": 1.2, "dash": "dot"}},
        {**bars, "uid": "right", "y": lower, "name": "right", "marker": {"color": _RIGHT}},
        {**gap, "uid": "too-sure", "name": "too sure", "marker": {"color": _TOO_SURE, "opacity": 0.45},
         "y": [max(confidence - share, 0) for share, confidence in zip(right, sure, strict=True)]},
        {**gap, "uid": "not-sure-enough", "name": "right, but not sure enough",
         "marker": {"color": _NOT_SURE, "opacity": 0.55},
         "y": [max(share - confidence, 0) for share, confidence in zip(right, sure, strict=True)]},
        {**bars, "uid": "pictures", "y": [int(found.pictures[place]) for place in filled], "yaxis": "y2",
         "showlegend": False, "marker": {"color": _PICTURES, "opacity": 0.6}},
    ]
    share = {"tickformat": ".0%", "range": [0, 1], "fixedrange": True}
    layout = {
        "uirevision": "kept", "barmode": "overlay", "bargap": 0, "margin": {"l": 48, "r": 8, "t": 8, "b": 40},
        "xaxis": {**share, "title": {"text": "confidence"}, "anchor": "y2"},
        "yaxis": {**share, "title": {"text": "right"}, "domain": [0.27, 1]},
        "yaxis2": {"domain": [0, 0.2], "showgrid": False, "zeroline": False, "fixedrange": True, "nticks": 3,
                   "title": {"text": "pictures", "standoff": 8, "font": {"size": 12}}, "automargin": True},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }
    return Figure(traces, layout, height, stamp=f"{found.error:.6f}")
