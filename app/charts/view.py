"""How curves are drawn: the choices of a person, kept in the address."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app.charts.bands import HELP, Band
from app.charts.names import groupable
from app.charts.panels import Axis, Panel, all_panels
from app.charts.points import as_csv
from app.kit.address import remember, steps
from engine.analysis.compare import label
from engine.store import Run

_SMOOTHEST = 0.99
_SMOOTHING = ("An exponential moving average, weighted by distance: points far apart hardly influence each other, so "
              "that few points stay as they are. The line as recorded stays faint beneath.")
_ROBUST = ("Leave values that are far outside of where most lie out of the vertical range. The chart says how many; "
           "click that to see them.")


@dataclass(frozen=True)
class View:
    """How curves are drawn.

    Attributes:
        axis: what the horizontal axis shows.
        smoothing: weight of the moving average, 0–0.99; 0: none.
        log_x, log_y: logarithmic axes.
        robust: outliers do not stretch the vertical range.
        best: the best value so far in place of each value.
        groups: options; runs with equal values of them are drawn as a mean with a band. Empty: no groups.
        band: what the band shows.
        singles: draw the runs of a group too, faint.
    """

    axis: Axis = Axis.STEP
    smoothing: float = 0.0
    log_x: bool = False
    log_y: bool = False
    robust: bool = True
    best: bool = False
    groups: tuple[str, ...] = ()
    band: Band = Band.INTERVAL
    singles: bool = False


def choose_view(runs: Sequence[Run], known: Sequence[Panel], shown: Sequence[str],
                axis: Axis = Axis.STEP) -> tuple[View, list[Panel]]:
    """Choose charts, and how their curves are drawn; both are in the address.

    Args:
        known: charts of the task; each other recorded metric has one too.
        shown: titles of the charts that are shown while none is chosen.
        axis: what the horizontal axis shows at first.

    Returns:
        The view, and the chosen charts: none if the usual ones are to be shown.
    """
    panels = all_panels(runs, known)
    with st.container(horizontal=True, vertical_alignment="bottom", key="curves_view"):
        usual = [title for title in shown if title in panels]
        remember("charts", "charts", (), panels)
        titles = st.multiselect("Charts", list(panels), key="charts", width=360, placeholder=", ".join(usual),
                                persist_state="session")
        remember("against", "against", axis, list(Axis))
        chosen = st.segmented_control("Horizontal axis", list(Axis), required=True, key="against",
                                      persist_state="session")
        remember("smooth", "smooth", 0.0, steps(0.0, _SMOOTHEST, 0.01))
        smoothing = st.slider("Smoothing", 0.0, _SMOOTHEST, step=0.01, key="smooth", width=150, help=_SMOOTHING,
                              persist_state="session")
        groups = _choose_groups(runs)
        with st.popover("More", icon=":material/tune:"):
            view = _more(View(Axis(chosen or axis), float(smoothing), groups=groups))
            drawn = [panels[title] for title in titles or usual]
            st.download_button("CSV of these curves", lambda: as_csv(runs, drawn), "darkroom-curves.csv", "text/csv",
                               icon=":material/download:")
    return view, [panels[title] for title in titles]


def _choose_groups(runs: Sequence[Run]) -> tuple[str, ...]:
    fields = {label(field): field for field in groupable(runs)}
    if not fields:
        return ()
    remember("group", "group", (), fields)
    chosen = st.multiselect("Group by", list(fields), key="group", width=210, persist_state="session",
                            placeholder="No groups", help="Runs that agree in these options become a mean with a band.")
    return tuple(fields[title] for title in chosen)


def _more(view: View) -> View:
    log_y = _toggle("Logarithmic values", "logy")
    log_x = _toggle("Logarithmic horizontal axis", "logx")
    robust = _toggle("Without outliers", "robust", default=True, help=_ROBUST)
    best = _toggle("Best so far", "best")
    band, singles = view.band, False
    if view.groups:
        remember("band", "band", view.band, list(Band))
        band = Band(st.selectbox("Band", list(Band), key="band", help=HELP, persist_state="session") or view.band)
        singles = _toggle("Single runs, faint", "singles")
    return View(view.axis, view.smoothing, log_x, log_y, robust, best, view.groups, band, singles)


def _toggle(title: str, key: str, *, default: bool = False, help: str | None = None) -> bool:
    remember(key, key, default)
    return st.toggle(title, key=key, help=help, persist_state="session")
