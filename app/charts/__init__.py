"""Charts: figures as data drawn by Plotly, and curves of runs drawn by a component of Darkroom's own."""

from app.charts.chart import Click, Figure, chart
from app.charts.section import draw_curves, show_curves
from app.charts.view import choose_view

__all__ = ["Click", "Figure", "chart", "choose_view", "draw_curves", "show_curves"]
