"""Accuracy against what it cost: a point a run, and a line through those that no other run beats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.charts.chart import Figure
from app.kit.looks import colour
from app.kit.words import number, percent
from engine.analysis.pareto import Measure, accuracy, comparable, front
from engine.store import Run

_NAMED = 12


def pareto(runs: Sequence[Run], cost: Measure, *, log: bool) -> Figure:
    """Click a point to choose its run: ``row`` is its place in :func:`engine.analysis.pareto.comparable`."""
    points = comparable(runs, cost)
    best = front(points)
    named = {run.id for run, _, _ in best} if len(points) > _NAMED else {run.id for run, _, _ in points}
    line: dict[str, Any] = {
        "type": "scatter", "mode": "lines", "uid": "front", "x": [x for _, x, _ in best], "y": [y for _, _, y in best],
        "line": {"color": "#8a8178", "width": 1.4}, "hoverinfo": "skip", "showlegend": False}
    dots: dict[str, Any] = {
        "type": "scatter", "mode": "markers+text", "uid": "runs", "x": [x for _, x, _ in points],
        "y": [y for _, _, y in points], "showlegend": False, "hoverinfo": "text",
        "text": [f"  {run.config['model']} #{run.id}" if run.id in named else "" for run, _, _ in points],
        "textposition": "middle right", "textfont": {"size": 11}, "cliponaxis": False,
        "hovertext": [_told(run, x, cost) for run, x, _ in points],
        "marker": {"size": 10, "color": [colour(run.id) for run, _, _ in points],
                   "opacity": [1.0 if (run, x, y) in best else 0.45 for run, x, y in points]}}
    x_axis = {"title": {"text": cost.title}, "type": "log" if log else "linear", "uirevision": f"{cost.column} {log}",
              "rangemode": "normal" if log else "tozero"}
    layout = {"uirevision": "kept", "hovermode": "closest", "margin": {"l": 48, "r": 120, "t": 16, "b": 40},
              "xaxis": x_axis, "yaxis": {"tickformat": ".1%", "uirevision": cost.column}}
    return Figure([line, dots], layout, 380, stamp=f"{cost.column} {len(points)}")


def _told(run: Run, x: float, cost: Measure) -> str:
    return (f"{run.name} #{run.id}<br>{run.config['model']}, batch {run.config['batch_size']}<br>"
            f"{percent(accuracy(run))} · {number(x, 3)} {cost.title}")
