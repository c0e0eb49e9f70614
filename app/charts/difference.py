"""What one confusion matrix has more or less than another, rows true, columns predicted."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from app.charts.confusion import outline
from app.charts.packing import Figure
from engine.analysis.errors_compared import ErrorsCompared

_LABELLED, _SHORT = 25, 4
# From fewer to more, even to the eye on either side.
_SCALES = {"light": ["#2b62a3", "#8fb2d9", "#fdfcfa", "#e3a673", "#9d4d17"],
           "dark": ["#7fb2ec", "#2c5482", "#171513", "#864b24", "#f0a36a"]}


def difference(compared: ErrorsCompared, chosen: tuple[int, int] | None) -> Figure:
    """Pictures more (orange) or fewer (blue) in each cell; a click returns row and column."""
    change, names = compared.confusion_difference, compared.classes
    few = len(names) <= _LABELLED
    colours = _SCALES["dark" if st.context.theme.type == "dark" else "light"]
    shown = np.sign(change) * np.sqrt(np.abs(change))
    most = max(float(np.abs(shown).max()), 1.0)
    trace: dict[str, Any] = {
        "type": "heatmap", "uid": "difference", "z": shown, "zmin": -most, "zmax": most, "showscale": False,
        "xgap": 1, "ygap": 1, "colorscale": [[at / (len(colours) - 1), colour] for at, colour in enumerate(colours)],
        "text": [[f"{value:+d}".replace("-", "−") if value else "" for value in row] for row in change.tolist()]
        if few else None,
        "texttemplate": "%{text}" if few else None, "textfont": {"size": 11},
        "hovertext": [[f"true {true}<br>predicted {predicted}<br>{compared.a.confusion[i, j]:,} → "
                       f"{compared.b.confusion[i, j]:,} pictures" for j, predicted in enumerate(names)]
                      for i, true in enumerate(names)],
        "hoverinfo": "text",
    }
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": list(names), "showgrid": False,
             "showticklabels": few, "fixedrange": few}
    layout = {
        "uirevision": "kept", "margin": {"l": 40, "r": 8, "t": 8, "b": 40}, "shapes": outline(chosen),
        "xaxis": {**ticks, "title": {"text": "predicted"}, "tickangle": 0 if len(names[0]) < _SHORT else -40},
        "yaxis": {**ticks, "title": {"text": "true"}, "autorange": "reversed"}}
    return Figure([trace], layout, 440, stamp=str(chosen or ""))
