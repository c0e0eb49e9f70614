"""A matrix of classes as a figure, usually of confusions: rows true, columns predicted, the chosen cell outlined."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.charts.chart import Figure

LABELLED = 25
_SHORT = 4
SCALES = {
    "light": ["#fdfcfa", "#f7e3d2", "#ecbd97", "#dd935d", "#c46e33", "#9d4d17", "#6b340f"],
    "dark": ["#171513", "#33241a", "#57351f", "#864b24", "#b5652c", "#de8749", "#f9cba8"],
}


@dataclass(frozen=True, eq=False)
class Matrix:
    """A matrix to draw.

    Attributes:
        names: labels of the rows and of the columns.
        counts: int64 [K, K].
        shares: float64 [K, K], normalised by row.
        unit: what is counted.
        background: the last row and column are the background, not a class. A line separates them.
        row, column: what the class of a row and of a column is.
    """

    names: Sequence[str]
    counts: NDArray[np.int64]
    shares: NDArray[np.float64]
    unit: str = "pictures"
    background: bool = False
    row: str = "true"
    column: str = "predicted"

    @property
    def classes(self) -> int:
        return len(self.names) - self.background


def confusion(matrix: Matrix, *, share: bool, chosen: tuple[int, int] | None, height: int = 480,
              labelled: int = LABELLED) -> Figure:
    """Draw counts, or shares of each row. Hovering shows both; a click returns row and column.

    The shade is always the share of the row, from 0 to 100 %, so that matrices can be compared.

    Args:
        labelled: names and numbers are drawn for at most this number of classes.
    """
    shown = matrix.shares if share else matrix.counts
    named = matrix.classes <= labelled
    small = len(matrix.names) > LABELLED + 1
    colours = SCALES["dark" if st.context.theme.type == "dark" else "light"]
    trace: dict[str, Any] = {
        "type": "heatmap", "uid": "confusion", "z": np.sqrt(matrix.shares), "showscale": False, "xgap": 1, "ygap": 1,
        "zmin": 0, "zmax": 1,
        "colorscale": [[place / (len(colours) - 1), colour] for place, colour in enumerate(colours)],
        "text": [[_cell(value, share) for value in row] for row in shown] if named else None,
        "texttemplate": "%{text}" if named else None, "textfont": {"size": 8 if small else 11}, "hoverinfo": "text",
        "hovertext": [[_hover_text(matrix, row, column) for column in range(len(matrix.names))]
                      for row in range(len(matrix.names))],
    }
    ticks: dict[str, Any] = {
        "tickmode": "array", "tickvals": list(range(len(matrix.names))), "ticktext": list(matrix.names),
        "showgrid": False, "showticklabels": named, "fixedrange": named}
    if small:
        ticks["tickfont"] = {"size": 9}
    short = max(map(len, matrix.names)) < _SHORT
    layout = {
        "uirevision": "kept", "margin": {"l": 40, "r": 8, "t": 8, "b": 40},
        "shapes": [*_separators(matrix), *outline(chosen)],
        "xaxis": {**ticks, "title": {"text": matrix.column},
                  "tickangle": 0 if short else -90 if small else -40},
        "yaxis": {**ticks, "title": {"text": matrix.row}, "autorange": "reversed"},
    }
    return Figure([trace], layout, height, stamp=str(chosen or ""))


def _hover_text(matrix: Matrix, row: int, column: int) -> str:
    of = "of the row" if row >= matrix.classes else "of the class"
    return (f"{matrix.row} {matrix.names[row]}<br>{matrix.column} {matrix.names[column]}<br>"
            f"{matrix.counts[row, column]:,} {matrix.unit}, {matrix.shares[row, column]:.1%} {of}")


def _cell(value: float, share: bool) -> str:
    if not value:
        return ""
    return f"{100 * value:.0f}" if share else f"{value:.0f}"


def _separators(matrix: Matrix) -> list[dict[str, Any]]:
    if not matrix.background:
        return []
    edge, end = matrix.classes - 0.5, len(matrix.names) - 0.5
    line = {"type": "line", "line": {"color": "#8a8178", "width": 1.2}}
    return [{**line, "x0": edge, "x1": edge, "y0": -0.5, "y1": end},
            {**line, "x0": -0.5, "x1": end, "y0": edge, "y1": edge}]


def outline(cell: tuple[int, int] | None) -> list[dict[str, Any]]:
    """Return the shape around the selected cell."""
    if cell is None:
        return []
    row, column = cell
    return [{"type": "rect", "x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5,
             "line": {"color": "#2f7fd6", "width": 2.5}}]
