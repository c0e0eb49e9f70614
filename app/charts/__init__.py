"""Charts: figures as data, drawn by one component."""

from app.charts.chart import Click, Figure, chart

__all__ = ["Click", "Figure", "chart"]
