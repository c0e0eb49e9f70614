"""Curves of runs with their controls, the same on each page that shows them."""

from collections.abc import Sequence

from app.charts.curves import plot
from app.charts.panels import Axis, Panel, all_panels
from app.charts.plots import draw_plots
from app.charts.view import View, choose_view
from engine.store import Run


def show_curves(runs: Sequence[Run], known: Sequence[Panel], shown: Sequence[str], *, axis: Axis = Axis.EPOCH,
                height: int = 300, key: str = "curves") -> None:
    """Draw the controls of curves, then the curves of these runs.

    A page with a part that refreshes calls :func:`choose_view` outside of that part, and :func:`draw_curves` in it.

    Args:
        known: charts of the runs' task, from :func:`app.tasks.panels`; other recorded metrics can be chosen too.
        shown: titles of the charts that are shown while none is chosen.
        axis: what the horizontal axis shows at first.
        height: of each chart, in pixels.
        key: of the element that draws.
    """
    view, panels = choose_view(runs, known, shown, axis)
    titled = all_panels(runs, known)
    usual = [titled[title] for title in shown if title in titled]
    draw_curves(runs, panels or usual, view, height=height, key=key)


def draw_curves(runs: Sequence[Run], panels: Sequence[Panel], view: View, *, height: int = 300,
                key: str = "curves") -> None:
    """Draw the curves of some runs, a chart for each panel."""
    draw_plots([plot(panel, runs, view, height) for panel in panels], key)
