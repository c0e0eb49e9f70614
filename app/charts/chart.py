"""The one chart of the dashboard: Plotly behind a small component that keeps zoom and hidden lines over refreshes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.charts.packing import Figure, pack
from app.framework import PLOTLY_URL, component

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Click:
    """What was clicked: the trace's ``uid``, its data coordinates, and its cell (heatmap) or index (``row``)."""

    trace: str
    x: float
    y: float
    row: int
    column: int


def chart(figure: Figure, key: str) -> Click | None:
    """Draw a figure; the point or cell that was just clicked, once, else None."""
    mount = component("darkroom_chart", html='<div class="chart"></div>', css=(_HERE / "chart.css").read_text(),
                      js=(_HERE / "chart.js").read_text())
    result = mount(data=pack(figure, PLOTLY_URL), key=key, on_click_change=lambda: None)
    clicked = result.get("click")
    return Click(**clicked) if clicked else None
