"""The score of a run's kept checkpoints over their epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.charts.packing import Figure
from app.colours import colour
from engine.store import Evaluation, Run
from engine.tasks import TASKS

_DASHES = {"test": "solid", "val": "dot"}
_NAMES = {"test": "Test", "val": "Validation"}


def checkpoints_figure(run: Run, by_split: Mapping[str, Sequence[Evaluation]], chosen: int | None,
                       height: int = 250) -> Figure:
    """One line a split, with the chosen epoch marked; a click on a point tells its epoch as ``x``."""
    score = TASKS[run.task].test_score
    traces: list[dict[str, Any]] = [
        {"type": "scatter", "uid": split, "mode": "lines+markers", "name": _NAMES[split],
         "x": [found.epoch for found in evaluations], "y": [found.metrics[score] for found in evaluations],
         "marker": {"size": 7}, "hovertemplate": "%{y}",
         "line": {"color": colour(run.id), "width": 2.2, "dash": _DASHES[split]}}
        for split, evaluations in by_split.items()]
    mark = {"type": "line", "x0": chosen, "x1": chosen, "yref": "paper", "y0": 0, "y1": 1, "layer": "below",
            "line": {"color": "#8a8178", "width": 1, "dash": "dot"}}
    layout = {
        "uirevision": "kept", "hovermode": "x unified", "shapes": [] if chosen is None else [mark],
        "xaxis": {"title": {"text": "epoch"}, "unifiedhovertitle": {"text": "epoch %{x}"}, "tickformat": "d"},
        "yaxis": {"tickformat": ".0%", "hoverformat": ".2%"}, "margin": {"l": 44, "r": 8, "t": 8, "b": 36},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}, "showlegend": True,
    }
    return Figure(traces, layout, height, stamp=f"{chosen} {[len(found) for found in by_split.values()]}")
