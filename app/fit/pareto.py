"""What a higher score costs: runs over parameters, memory or time, and the Pareto front of them."""

from collections.abc import Sequence
from typing import Any

from app.charts.chart import Figure
from app.kit.looks import colour
from app.kit.words import counted, number, percent
from engine.analysis.pareto import Measure, comparable, front, score
from engine.store import Run

Point = tuple[Run, float, float]
_WIDE, _HIGH = 0.22, 0.06
"""How much of the axes a label covers."""


def pareto(runs: Sequence[Run], cost: Measure, *, log: bool) -> Figure:
    """Draw the score against cost; a click's ``row`` is the index in :func:`engine.analysis.pareto.comparable`."""
    points = comparable(runs, cost)
    best = front(points)
    named = labelled(points, best)
    line: dict[str, Any] = {
        "type": "scatter", "mode": "lines", "uid": "front", "x": [x for _, x, _ in best], "y": [y for _, _, y in best],
        "line": {"color": "#8a8178", "width": 1.4}, "hoverinfo": "skip", "showlegend": False}
    dots: dict[str, Any] = {
        "type": "scatter", "mode": "markers+text", "uid": "runs", "x": [x for _, x, _ in points],
        "y": [y for _, _, y in points], "showlegend": False, "hoverinfo": "text",
        "text": [f"  {run.config['model']} #{run.id}" if run.id in named else "" for run, _, _ in points],
        "textposition": "middle right", "textfont": {"size": 11}, "cliponaxis": False,
        "hovertext": [_hover_text(run, x, cost) for run, x, _ in points],
        "marker": {"size": 10, "color": [colour(run.id) for run, _, _ in points],
                   "opacity": [1.0 if point in best else 0.45 for point in points]}}
    x_axis = {"title": {"text": cost.title}, "type": "log" if log else "linear", "uirevision": f"{cost.column} {log}",
              "rangemode": "normal" if log else "tozero"}
    layout = {"uirevision": "kept", "hovermode": "closest", "margin": {"l": 48, "r": 120, "t": 16, "b": 40},
              "xaxis": x_axis, "yaxis": {"tickformat": ".0%", "uirevision": cost.column}}
    return Figure([line, dots], layout, 380, stamp=f"{cost.column} {len(points)}")


def labelled(points: Sequence[Point], best: Sequence[Point]) -> set[int]:
    """Return the ids of the runs whose labels are drawn: no two overlap, and those of the front come first."""
    across, up = (max(axis) - min(0, *axis) or 1 for axis in ([x for _, x, _ in points], [y for _, _, y in points]))
    drawn: list[Point] = []
    for point in (*reversed(best), *points):
        if all(abs(point[1] - x) > _WIDE * across or abs(point[2] - y) > _HIGH * up for _, x, y in drawn):
            drawn.append(point)
    return {run.id for run, _, _ in drawn}


def caption(points: Sequence[Point], dataset: str) -> str:
    """Say what the figure shows: which runs make the front."""
    best, (run, _, _) = front(points), points[-1]
    score = run.score_name[:1].upper() + run.score_name[1:]
    runs = f"{counted(len(points), 'run')} of {dataset}"
    which = f"The line joins {len(best)} of {runs}, the Pareto front" if len(best) > 1 else \
        f"#{best[0][0].id} alone is the Pareto front of {runs}"
    return (f"{which}: no other run reaches as much at a lower cost. {score} is that on the test set if tested, else "
            "the best in validation. Click a run to open it.")


def _hover_text(run: Run, x: float, cost: Measure) -> str:
    return (f"{run.name} #{run.id}<br>{run.config['model']}, batch {run.config['batch_size']}<br>"
            f"{percent(score(run))} · {number(x, 3)} {cost.title}")
