"""Any columns of runs as a scatter plot, and what the other charts share: values, axes and colours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.charts import chart
from app.charts.chart import Figure
from app.kit.address import remember
from app.kit.looks import PALETTE, label
from app.kit.navigation import go
from app.kit.words import counted
from app.runs.columns import Column, columns_of, differing_options, known_columns
from engine.store import Run

SHADES = ("#7565c7", "#3a7bd0", "#2f9fb3", "#2c9a72", "#7a942d", "#d2691e")
"""From low to high, legible on light and dark."""
_SCALE = [[place / (len(SHADES) - 1), shade] for place, shade in enumerate(SHADES)]
HEIGHT = 520
_MARGIN = {"l": 60, "r": 20, "t": 20, "b": 50}


@dataclass(frozen=True)
class Values:
    """What is drawn of a column: numbers, or text where not every value is a number."""

    title: str
    values: list[Any]

    @property
    def numeric(self) -> bool:
        return all(isinstance(value, int | float) for value in self.values if value is not None)


def values_of(runs: Sequence[Run], column: Column, field: str) -> Values:
    """Return a column's values of runs; those of an option are numbers if they are numbers in its config."""
    if column.metric is None and field in known_columns():
        raw = [run.config.get(field) if run.knows(field) else None for run in runs]
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in raw):
            return Values(column.title, raw)
    share = column.metric is not None and column.metric.unit == "share"
    return Values(f"{column.title} (%)" if share else column.title, [column.value(run) for run in runs])


def scatter(runs: Sequence[Run], shown: Sequence[str]) -> list[int]:
    """Draw two columns against each other, coloured by a third; a click leads to the run's page."""
    figures, options = axes_of(runs, shown)
    every = options | figures
    with st.container(horizontal=True, vertical_alignment="bottom"):
        across = choose("Across", "runs_x", every, next(iter(every)))
        up = choose("Up", "runs_y", every, most_measured(runs, figures) if figures else next(iter(every)))
        coloured = choose("Colour", "runs_colour", every, [*every][min(1, len(every) - 1)])
        remember("runs_log", "runs_log", default=False)
        log = st.toggle("Logarithmic across", key="runs_log", persist_state="session")
    figure, places = scatter_figure(runs, *(values_of(runs, every[name], name) for name in (across, up, coloured)),
                                    log=log)
    st.caption(f"{counted(sum(map(len, places.values())), 'run')} of {len(runs)}; a click opens the run.")
    clicked = chart(figure, key=f"scatter_{across}_{up}_{coloured}")
    if clicked and clicked.trace in places:
        go("run", [places[clicked.trace][clicked.row]])
    return []


def scatter_figure(runs: Sequence[Run], x: Values, y: Values, colour: Values, *,
                   log: bool = False) -> tuple[Figure, dict[str, list[int]]]:
    """Return the figure, and the ids of the runs of each trace by its ``uid``; runs without a value are left out."""
    known = [place for place, found in enumerate(zip(x.values, y.values, colour.values, strict=True))
             if None not in found]
    levels = [""] if colour.numeric else sorted({str(colour.values[place]) for place in known})
    traces, ids = [], {}
    for number, level in enumerate(levels):
        mine = [place for place in known if colour.numeric or str(colour.values[place]) == level]
        marker = {"color": [colour.values[place] for place in mine], "colorscale": _SCALE, "showscale": True,
                  "colorbar": {"title": {"text": colour.title}, "thickness": 12}} if colour.numeric else {
                      "color": PALETTE[number % len(PALETTE)]}
        ids[f"level-{number}"] = [runs[place].id for place in mine]
        traces.append({"type": "scatter", "mode": "markers", "uid": f"level-{number}", "name": level,
                       "x": [x.values[place] for place in mine], "y": [y.values[place] for place in mine],
                       "text": [label(runs[place]) for place in mine], "marker": {"size": 9, "opacity": 0.8, **marker},
                       "hovertemplate": f"%{{text}}<br>{x.title} %{{x}}<br>{y.title} %{{y:.4~g}}<extra></extra>"})
    layout = {"uirevision": "kept", "hovermode": "closest", "margin": _MARGIN, "showlegend": not colour.numeric,
              "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
              "xaxis": {"title": {"text": x.title}, "type": _kind(x, log=log)},
              "yaxis": {"title": {"text": y.title}, "type": _kind(y)}}
    return Figure(traces, layout, HEIGHT, stamp=f"{len(known)}"), ids


def axes_of(runs: Sequence[Run], shown: Sequence[str]) -> tuple[dict[str, Column], dict[str, Column]]:
    """Return the figures among the shown columns that any of the runs has, and the options that differ."""
    figures = {name: column for name, column in columns_of(runs, shown).items()
               if column.metric is not None and any(column.value(run) is not None for run in runs)}
    known = known_columns()
    return figures, {field: known[field] for field in differing_options(runs)}


def most_measured(runs: Sequence[Run], figures: Mapping[str, Column]) -> str:
    """Return the first of the figures that most runs have."""
    return max(figures, key=lambda name: sum(figures[name].value(run) is not None for run in runs))


def choose(title: str, key: str, columns: Mapping[str, Column], default: str) -> str:
    """Choose a column, which stays in the address."""
    remember(key, key, default, columns)
    chosen: str = st.selectbox(title, list(columns), key=key, format_func=lambda name: columns[name].title, width=200,
                               persist_state="session")
    return chosen


def _kind(values: Values, *, log: bool = False) -> str:
    if not values.numeric:
        return "category"
    return "log" if log else "linear"
