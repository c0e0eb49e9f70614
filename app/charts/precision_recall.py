"""Precision over recall, for a detector's classes, with the place that the score threshold takes on each curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.charts.packing import Figure
from app.colours import PALETTE
from engine.boxes.curves import Curve
from engine.boxes.metrics import RECALLS

_MEAN, _QUIET = "#8a8178", "#8a817855"
_COLOURED = len(PALETTE)


def precision_recall(curves: Sequence[Curve], names: Sequence[str], score: float, shown: Sequence[int],
                     height: int = 380) -> Figure:
    """The mean over classes, and of the labels ``shown`` each its own curve; dots are where the threshold is."""
    measured = [curve for curve in curves if curve.objects]
    mean = np.mean([curve.envelope for curve in measured], axis=0) if measured else np.zeros(len(RECALLS))
    traces = [_line("mean", "mean over classes", mean, {"color": _MEAN, "width": 3.2})]
    for place, label in enumerate(shown):
        colour = PALETTE[place] if place < _COLOURED else _QUIET
        traces.append(_line(f"class-{label}", names[label], curves[label].envelope, {"color": colour, "width": 1.7}))
        traces.append(_dot(f"at-{label}", curves[label], score, colour))
    share = {"range": [0, 1.02], "tickformat": ".0%", "hoverformat": ".1%"}
    layout = {
        "uirevision": "kept", "hovermode": "closest", "margin": {"l": 48, "r": 8, "t": 8, "b": 40}, "showlegend": True,
        "xaxis": {**share, "title": {"text": "recall"}}, "yaxis": {**share, "title": {"text": "precision"}},
        "legend": {"orientation": "v", "y": 1, "x": 1.02},
    }
    return Figure(traces, layout, height, stamp=f"{score} {list(shown)}")


def _line(uid: str, name: str, envelope: np.ndarray[Any, np.dtype[np.float64]], line: dict[str, Any]) -> dict[str, Any]:
    return {"type": "scatter", "uid": uid, "mode": "lines", "name": name, "x": RECALLS, "y": envelope, "line": line,
            "hovertemplate": "recall %{x}<br>precision %{y}"}


def _dot(uid: str, curve: Curve, score: float, colour: str) -> dict[str, Any]:
    recall, precision = curve.at(score)
    there = np.isfinite(recall) and np.isfinite(precision)
    return {"type": "scatter", "uid": uid, "mode": "markers", "showlegend": False,
            "x": [recall] if there else [], "y": [precision] if there else [],
            "marker": {"color": colour, "size": 8, "line": {"width": 1, "color": "#ffffff"}},
            "hovertemplate": f"score {score:.2f}<br>recall %{{x}}<br>precision %{{y}}<extra></extra>"}
