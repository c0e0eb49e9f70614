"""The confusion matrix as a figure: rows true, columns predicted, the chosen cell outlined."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from app.charts.packing import Figure
from engine.evaluation.results import Results

_LABELLED = 25
_SCALES = {
    "light": ["#fdfcfa", "#f7e3d2", "#ecbd97", "#dd935d", "#c46e33", "#9d4d17", "#6b340f"],
    "dark": ["#171513", "#33241a", "#57351f", "#864b24", "#b5652c", "#de8749", "#f9cba8"],
}


def confusion(results: Results, *, share: bool, chosen: tuple[int, int] | None) -> Figure:
    """Counts, or each row's shares. Hover tells both; a click returns row and column."""
    counts = results.confusion
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shown = shares if share else counts
    labelled = len(results.classes) <= _LABELLED
    colours = _SCALES["dark" if st.context.theme.type == "dark" else "light"]
    trace: dict[str, Any] = {
        "type": "heatmap", "uid": "confusion", "z": np.sqrt(shown), "showscale": False, "xgap": 1, "ygap": 1,
        "colorscale": [[place / (len(colours) - 1), colour] for place, colour in enumerate(colours)],
        "text": [[_cell(value, share) for value in row] for row in shown] if labelled else None,
        "texttemplate": "%{text}" if labelled else None, "textfont": {"size": 11},
        "hovertext": [[f"true {true}<br>predicted {predicted}<br>{counts[i, j]:,} pictures, {shares[i, j]:.1%} of the "
                       f"class" for j, predicted in enumerate(results.classes)]
                      for i, true in enumerate(results.classes)],
        "hoverinfo": "text",
    }
    ticks = {"tickmode": "array", "tickvals": list(range(len(results.classes))), "ticktext": list(results.classes),
             "showgrid": False, "showticklabels": labelled, "fixedrange": labelled}
    layout = {
        "uirevision": "kept", "margin": {"l": 40, "r": 8, "t": 8, "b": 40}, "shapes": _outline(chosen),
        "xaxis": {**ticks, "title": {"text": "predicted"}, "tickangle": 0 if len(results.classes[0]) < 4 else -40},
        "yaxis": {**ticks, "title": {"text": "true"}, "autorange": "reversed"},
    }
    return Figure([trace], layout, 480, stamp=str(chosen or ""))


def _cell(value: float, share: bool) -> str:
    if not value:
        return ""
    return f"{100 * value:.0f}" if share else f"{value:.0f}"


def _outline(cell: tuple[int, int] | None) -> list[dict[str, Any]]:
    if cell is None:
        return []
    row, column = cell
    return [{"type": "rect", "x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5,
             "line": {"color": "#2f7fd6", "width": 2.5}}]
