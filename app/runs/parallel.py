"""Options and a figure of runs on parallel axes: a line a run, drawn without WebGL, which not every browser has."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app.charts import chart
from app.charts.chart import Figure
from app.kit.address import remember
from app.kit.looks import label
from app.kit.navigation import go
from app.kit.words import counted
from app.runs.charts import HEIGHT, SHADES, Values, axes_of, choose, most_measured, values_of
from app.runs.columns import differing_options
from engine.store import Run

_MOST_AXES, _MOST_LINES = 8, 1000
_LOG_RATIO, _STEPS = 10, 200
_FAINT = "rgba(138, 129, 120, 0.14)"
_OUTSIDE = "outside"


def parallel(runs: Sequence[Run], shown: Sequence[str]) -> list[int]:
    """Draw the options that differ and a figure; ranges of the axes keep runs in colour, a click leads to the run."""
    figures, options = axes_of(runs, shown)
    if not figures:
        st.caption("No figure to draw yet.")
        return []
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = choose("Figure", "runs_figure", figures, most_measured(runs, figures))
        measured = [run for run in runs if figures[name].value(run) is not None][:_MOST_LINES]
        varied = [field for field in differing_options(measured) if field in options][:_MOST_AXES]
        chosen = {field: options[field] for field in varied} | {name: figures[name]}
        axes = [values_of(measured, column, field) for field, column in chosen.items()]
        kept = _brush(axes, list(chosen))
    st.caption(f"{counted(sum(kept), 'run')} in colour, of {len(runs)}. A click on a line, at an axis, opens the run.")
    figure, lines = parallel_figure(measured, axes, kept)
    clicked = chart(figure, key=f"parallel_{name}")
    if clicked and clicked.trace in lines:
        go("run", [lines[clicked.trace][clicked.row // (len(axes) + 1)]])
    return []


def _brush(axes: Sequence[Values], names: Sequence[str]) -> list[bool]:
    """Draw a range for each axis and return which runs are within all of them."""
    inside = [True] * len(axes[0].values)
    with st.popover("Keep", icon=":material/filter_alt:"):
        for axis, name in zip(axes, names, strict=True):
            levels = list(dict.fromkeys(map(str, axis.values)))
            if axis.numeric and len(levels) > 1:
                least, most, slack = _range(axis, name)
                inside = [was and least - slack <= value <= most + slack
                          for was, value in zip(inside, axis.values, strict=True)]
            elif not axis.numeric:
                remember(f"keep_{name}", f"keep_{name}", (), levels)
                picked = st.pills(axis.title, sorted(levels), selection_mode="multi", key=f"keep_{name}",
                                  persist_state="session")
                inside = [was and (not picked or str(value) in picked)
                          for was, value in zip(inside, axis.values, strict=True)]
    return inside


def _range(axis: Values, name: str) -> tuple[float, float, float]:
    """Choose a range of an axis; return its ends, and by how much a value may miss them."""
    low, high = float(min(axis.values)), float(max(axis.values))
    key = f"keep_{name}_{low}_{high}"  # an axis that has grown is kept whole
    remember(f"keep_{name}", key, (low, high))
    least, most = (min(max(end, low), high) for end in st.session_state[key])
    st.session_state[key] = least, most
    chosen: Any = st.slider(axis.title, low, high, step=(high - low) / _STEPS, format="%.4g", key=key,
                            persist_state="session")
    return *chosen, 1e-9 * (high - low)


def parallel_figure(runs: Sequence[Run], axes: Sequence[Values],
                    kept: Sequence[bool]) -> tuple[Figure, Mapping[str, list[int]]]:
    """Return the figure and the ids of the runs of each trace; each run has a point an axis, and a gap.

    Runs are coloured by the last axis, which is numeric; those that are not kept are faint, below.
    """
    heights = [_heights(axis) for axis in axes]
    shades = [min(int(height * len(SHADES)), len(SHADES) - 1) for height in heights[-1]]
    groups: dict[str, list[int]] = {uid: [] for uid in (_OUTSIDE, *(f"shade-{shade}" for shade in range(len(SHADES))))}
    for place, shade in enumerate(shades):
        groups[f"shade-{shade}" if kept[place] else _OUTSIDE].append(place)
    traces, xs = [], [*range(len(axes)), None]
    for uid, places in groups.items():
        colour = _FAINT if uid == _OUTSIDE else SHADES[int(uid[-1])]
        traces.append({
            "type": "scatter", "mode": "lines+markers", "uid": uid, "showlegend": False, "x": xs * len(places),
            "y": [height for place in places for height in (*(found[place] for found in heights), None)],
            "text": [text for place in places for text in (*_texts(runs[place], axes, place), "")],
            "hoverinfo": "skip" if uid == _OUTSIDE else "text", "line": {"color": colour, "width": 1.3},
            "marker": {"size": 5, "color": colour}, "opacity": 0.75})
    shapes = [{"type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "layer": "below",
               "line": {"color": "#8a8178", "width": 1}} for place in range(len(axes))]
    marks = [mark for place, axis in enumerate(axes) for mark in _marks(place, axis)]
    layout = {"uirevision": "kept", "hovermode": "closest", "margin": {"l": 60, "r": 60, "t": 20, "b": 60},
              "shapes": shapes, "annotations": marks,
              "xaxis": {"tickvals": list(range(len(axes))), "ticktext": [axis.title for axis in axes],
                        "range": [-0.2, len(axes) - 0.6], "showgrid": False, "zeroline": False},
              "yaxis": {"visible": False, "range": [-0.1, 1.08]}}
    return Figure(traces, layout, HEIGHT, stamp=f"{sum(kept)} of {len(runs)}"), {
        uid: [runs[place].id for place in places] for uid, places in groups.items()}


def _heights(axis: Values) -> list[float]:
    """Return each value's place on its axis, 0–1; the axis is logarithmic if values are ten times apart."""
    values = axis.values
    if not axis.numeric:
        levels = sorted(set(map(str, values)))
        values = [levels.index(str(value)) for value in values]
    elif min(values) > 0 and max(values) >= _LOG_RATIO * min(values):
        values = [math.log(value) for value in values]
    low, high = min(values), max(values)
    return [(value - low) / (high - low) if high > low else 0.5 for value in values]


def _marks(place: int, axis: Values) -> list[dict[str, Any]]:
    """Return the labels along an axis: its levels, or its least and largest value."""
    named = dict(zip(_heights(axis), axis.values, strict=True))
    if axis.numeric:
        named = {height: f"{value:.4g}" for height, value in named.items() if height in (0, 0.5, 1)}
    return [{"x": place, "y": height, "text": str(text), "showarrow": False, **_beside(height), "font": {"size": 11}}
            for height, text in named.items()]


def _beside(height: float) -> dict[str, Any]:
    """Return where a label is drawn: at the ends of an axis beyond the lines that reach it."""
    if height in (0, 1):
        return {"yanchor": "bottom" if height else "top", "yshift": 3 if height else -3}
    return {"xanchor": "left", "xshift": 7, "yshift": 8}


def _texts(run: Run, axes: Sequence[Values], place: int) -> list[str]:
    return [f"{label(run)}<br>{axis.title} {axis.values[place]:.5g}" if axis.numeric
            else f"{label(run)}<br>{axis.title} {axis.values[place]}" for axis in axes]
