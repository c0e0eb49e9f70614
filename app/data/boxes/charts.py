"""Boxes of a data set as figures: how many of each class, how large, of which shape, and where they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.charts.chart import Figure
from app.charts.confusion import SCALES

SPLIT_COLOURS = {"train": "#d2691e", "test": "#2c9a72"}
_BAR, _BARS_AROUND = 17, 64
_BINS, _FEWEST_BINS = 48, 12
_HEIGHT = 230

Values = Mapping[str, NDArray[Any]]
"""By split: one number a box, or a picture."""


def class_bars(classes: Sequence[str], counts: Values, *, log: bool) -> Figure:
    """A bar a class, the most frequent on top, divided by split."""
    total = np.sum(list(counts.values()), axis=0)
    order = np.argsort(-total, kind="stable")[::-1]
    traces = [{"type": "bar", "orientation": "h", "uid": split, "name": split, "y": [classes[label] for label in order],
               "x": numbers[order], "marker": {"color": SPLIT_COLOURS[split], "line": {"width": 0}},
               "hovertemplate": "%{x:,}"} for split, numbers in counts.items()]
    layout = _layout("boxes", "") | {"barmode": "group" if log else "stack", "bargap": 0.25, "hovermode": "y unified"}
    layout["xaxis"] |= {"type": "log" if log else "linear", "uirevision": f"{log}"}
    layout["yaxis"] = {"showgrid": False, "type": "category", "dtick": 1, "tickfont": {"size": 11}}
    return Figure(traces, layout, _BARS_AROUND + _BAR * len(order) * (2 if log and len(counts) > 1 else 1),
                  stamp=f"classes {len(order)}")


def numbers_of(values: Values, title: str) -> Figure:
    """A bar for each whole number, as a share of each split."""
    traces = []
    for split, numbers in values.items():
        counts = np.bincount(numbers)
        traces.append({"type": "bar", "uid": split, "name": split, "x": np.arange(len(counts)),
                       "y": counts / max(len(numbers), 1), "customdata": counts.tolist(),
                       "marker": {"color": SPLIT_COLOURS[split]}, "hovertemplate": "%{y:.1%}, %{customdata:,}"})
    layout = _layout(title, "share of the pictures") | {"bargap": 0.3}
    layout["xaxis"] |= {"dtick": 1 if max((len(trace["x"]) for trace in traces), default=0) <= 25 else None}
    return Figure(traces, layout, _HEIGHT, stamp=title)


def spread(values: Values, title: str, *, log: bool = False, marks: Mapping[str, float] | None = None,
           ticks: Sequence[float] = ()) -> Figure:
    """How values are distributed in each split, as shares; ``marks`` are named lines across."""
    everything = np.concatenate(list(values.values()))
    if not len(everything):
        return Figure([], _layout(title, ""), _HEIGHT, stamp=title)
    scaled = np.log10(everything) if log else everything
    low, high = float(scaled.min() if log else min(scaled.min(), 0)), float(scaled.max())
    edges = np.linspace(low, high if high > low else low + 1, _bins(len(everything)) + 1)
    traces = []
    for split, numbers in values.items():
        counts, _ = np.histogram(np.log10(numbers) if log else numbers, bins=edges)
        shares = np.concatenate(([0], counts / max(len(numbers), 1), [0]))
        x = np.concatenate(([edges[0]], edges))
        traces.append({"type": "scatter", "mode": "lines", "uid": split, "name": split, "x": 10**x if log else x,
                       "y": shares, "fill": "tozeroy", "fillcolor": f"{SPLIT_COLOURS[split]}22",
                       "line": {"color": SPLIT_COLOURS[split], "width": 1.8, "shape": "hv"},
                       "hovertemplate": "%{y:.1%}"})
    layout = _layout(title, "share of the boxes")
    layout["xaxis"] |= {"type": "log" if log else "linear", "uirevision": f"{log}", "hoverformat": ",.3~s"}
    if ticks:
        layout["xaxis"] |= {"tickmode": "array", "tickvals": list(ticks), "ticktext": [f"{tick:,}" for tick in ticks]}
    shown = {name: place for name, place in (marks or {}).items() if everything.min() < place < everything.max()}
    layout |= {"shapes": [{"type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "yref": "paper",
                           "line": {"color": "#8a8178", "width": 1, "dash": "dot"}} for place in shown.values()],
               "annotations": [{"x": np.log10(place) if log else place, "y": 1, "yref": "paper", "text": name,
                                "showarrow": False, "xanchor": "left", "yanchor": "top", "xshift": 3}
                               for name, place in shown.items()]}
    return Figure(traces, layout, _HEIGHT, stamp=f"{title} {log}")


def places(counts: NDArray[Any], boxes: int, width: int, height: int) -> Figure:
    """A map of a picture, darker where more of the boxes lie.

    Args:
        counts: [rows, columns], how many of the ``boxes`` cover each cell.
        width, height: whose aspect the map has.
    """
    colours = SCALES["dark" if st.context.theme.type == "dark" else "light"]
    rows, columns = counts.shape
    trace: dict[str, Any] = {
        "type": "heatmap", "uid": "places", "z": counts / max(boxes, 1), "showscale": False,
        "x": (np.arange(columns) + 0.5) / columns, "y": (np.arange(rows) + 0.5) / rows,
        "colorscale": [[place / (len(colours) - 1), colour] for place, colour in enumerate(colours)],
        "zmin": 0, "hovertemplate": "%{z:.1%} of the boxes<extra></extra>"}
    axis: dict[str, Any] = {"showgrid": False, "showticklabels": False, "fixedrange": True, "constrain": "domain"}
    layout = {"uirevision": "kept", "margin": {"l": 8, "r": 8, "t": 8, "b": 8}, "xaxis": axis | {"range": [0, 1]},
              "yaxis": axis | {"range": [1, 0], "scaleanchor": "x", "scaleratio": height / max(width, 1)}}
    return Figure([trace], layout, 300, stamp="places")


def sizes_of(sizes: Sequence[tuple[tuple[int, int], int]]) -> Figure:
    """A dot for each width and height, larger where more pictures have it."""
    most = max(count for _, count in sizes)
    trace: dict[str, Any] = {
        "type": "scatter", "mode": "markers", "uid": "sizes", "x": [width for (_, width), _ in sizes],
        "y": [height for (height, _), _ in sizes], "hoverinfo": "text",
        "hovertext": [f"{width} × {height}<br>{count:,} pictures" for (height, width), count in sizes],
        "marker": {"size": [7 + 21 * (count / most) ** 0.5 for _, count in sizes], "color": "#3a7bd0", "opacity": 0.6}}
    layout = _layout("width in pixels", "height in pixels") | {"hovermode": "closest", "showlegend": False}
    layout["yaxis"] = {"title": {"text": "height in pixels"}, "rangemode": "tozero"}
    layout["xaxis"] |= {"rangemode": "tozero"}
    return Figure([trace], layout, 300, stamp=f"sizes {len(sizes)}")


def _bins(count: int) -> int:
    """Fewer where there is little to count, so that what is seen is not chance."""
    return int(np.clip(1.2 * count**0.5, _FEWEST_BINS, _BINS))


def _layout(x: str, y: str) -> dict[str, Any]:
    return {"uirevision": "kept", "margin": {"l": 48, "r": 8, "t": 8, "b": 36}, "hovermode": "x unified",
            "xaxis": {"title": {"text": x}}, "yaxis": {"title": {"text": y}, "tickformat": "~%", "rangemode": "tozero"},
            "showlegend": True, "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0,
                                           "traceorder": "normal"}}
