"""Charts: figures as data, drawn by one component."""

from app.charts.chart import Click, chart
from app.charts.packing import Figure

__all__ = ["Click", "Figure", "chart"]
