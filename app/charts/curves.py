"""Curves of several runs against steps, epochs or time: loss, learning rate, or any recorded metric."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.charts.chart import Figure
from app.kit.looks import colour, dash
from app.kit.store import store
from engine.catalog.metrics import CURVES
from engine.config.steps import pictures_per_epoch
from engine.errors import UserError
from engine.store import Run

Column = tuple[NDArray[np.int64], NDArray[np.float64]]
_POINTS = 1000
_ALL_POINTS = 8000
_UNIFIED = 5
_NOTHING = {
    "showlegend": False, "xaxis": {"visible": False}, "yaxis": {"visible": False},
    "annotations": [{"text": "nothing recorded yet", "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5,
                     "showarrow": False}],
}


class Axis(StrEnum):
    """What the horizontal axis shows."""

    STEP = "Step"
    EPOCH = "Epoch"
    TIME = "Time"


TITLES = {Axis.STEP: "step", Axis.EPOCH: "epoch", Axis.TIME: "minutes of training"}


def along(axis: Axis, run: Run, steps: NDArray[np.int64], speeds: Column) -> NDArray[Any]:
    """Convert steps to positions on the axis; time follows from ``speeds``, the images per second of each epoch."""
    if axis is Axis.STEP:
        return steps
    if axis is Axis.EPOCH:
        return steps / max(run.steps_per_epoch, 1)
    ends, images_per_second = speeds
    usable = np.isfinite(images_per_second) & (images_per_second > 0)
    ends, images_per_second = ends[usable], images_per_second[usable]
    if not len(ends):
        return np.full(len(steps), np.nan)
    pictures = _pictures_per_step(run) * np.diff(ends, prepend=0)
    minutes = np.cumsum(pictures / images_per_second) / 60
    rate = minutes[-1] / ends[-1]
    beyond = minutes[-1] + (steps - ends[-1]) * rate
    along_ends = np.interp(steps, np.append(0, ends), np.append(0.0, minutes))
    return np.asarray(np.where(steps > ends[-1], beyond, along_ends))


def _pictures_per_step(run: Run) -> float:
    """Return the average over an epoch; the batch size if the files of the data set are missing."""
    try:
        return pictures_per_epoch(run.config_object()) / max(run.steps_per_epoch, 1)
    except UserError:
        return float(run.config["batch_size"])


@dataclass(frozen=True)
class Line:
    """A metric of a run as a line.

    Attributes:
        bold: drawn in front, with a marker at each point while there are few. A single point always has a marker.
        dash: distinguishes lines of one run in one chart; empty: the run's own dash.
    """

    metric: str
    word: str
    bold: bool = True
    dash: str = ""


RATE = (Line("lr", "learning rate"),)


@dataclass(frozen=True)
class Panel:
    """A chart of several lines, with its title and a note on how to read it."""

    title: str
    note: str
    lines: tuple[Line, ...]
    log: bool = False

    @property
    def percent(self) -> bool:
        """Whether the lines show shares, formatted as percentages."""
        row = CURVES.get(self.lines[-1].metric)
        return row is not None and row.unit == "share"


LOSS = Panel("Loss", "train at each step · **validation**",
             (Line("loss", "train", bold=False), Line("val_loss", "validation")), log=True)


def recorded(run: Run) -> tuple[str, ...]:
    """Return the names of all metrics that a run has recorded."""
    return _recorded(str(store().path), run.id, run.revision)


@st.cache_resource(show_spinner=False, max_entries=200)
def _recorded(path: str, run_id: int, revision: int) -> tuple[str, ...]:
    return tuple(store().metrics.summary(run_id))


def curves(runs: Sequence[Run], lines: Sequence[Line], *, axis: Axis = Axis.STEP, percent: bool = False,
           log: bool = False, from_zero: bool = False, height: int = 300) -> Figure:
    """Draw metrics of runs, with one legend entry per run, or per line if there is only one run."""
    points = max(200, min(_POINTS, _ALL_POINTS // max(1, len(runs))))
    traces: list[dict[str, Any]] = []
    newest = 0
    for run in runs:
        if len(runs) > 1:
            traces.append(_legend(run))
        speeds = column(run, "images_per_second") if axis is Axis.TIME else (np.empty(0, np.int64), np.empty(0))
        for line in lines:
            steps, values = column(run, line.metric, points)
            if len(steps):
                newest = max(newest, int(steps[-1]))
                traces.append(_trace(run, line, along(axis, run, steps, speeds), values, alone=len(runs) == 1))
    layout = _layout(axis, len(runs), percent=percent, log=log, from_zero=from_zero) if newest else _NOTHING
    return Figure(traces, layout, height, stamp=str(newest))


def column(run: Run, metric: str, points: int = _POINTS) -> Column:
    """Return a run's thinned (steps, values), cached until the run changes."""
    return _column(str(store().path), run.id, run.revision, metric, points)


@st.cache_resource(show_spinner=False, max_entries=1000)
def _column(path: str, run_id: int, revision: int, metric: str, points: int) -> Column:
    return store().metrics.curve(run_id, metric, points)


def _legend(run: Run) -> dict[str, Any]:
    """Return an empty line for the run's legend entry, which hides all its lines when clicked."""
    return {"type": "scatter", "mode": "lines", "uid": f"{run.id}", "legendgroup": f"{run.id}", "x": [None],
            "y": [None], "name": f"#{run.id}", "line": {"color": colour(run.id), "width": 2.5, "dash": dash(run.id)}}


def _trace(run: Run, line: Line, x: Any, y: Any, *, alone: bool) -> dict[str, Any]:
    few = len(x) == 1 or (line.bold and len(x) <= 60)
    name = f"{line.word[:1].upper()}{line.word[1:]}" if alone else f"#{run.id} {line.word}"
    return {
        "type": "scatter", "mode": "lines+markers" if few else "lines", "uid": f"{run.id}-{line.metric}", "name": name,
        "x": x, "y": y, "legendgroup": f"{run.id}-{line.metric}" if alone else f"{run.id}", "showlegend": alone,
        "opacity": 1.0 if line.bold else 0.6, "marker": {"size": 4.5}, "hovertemplate": "%{y}",
        "line": {"color": colour(run.id), "width": 2.2 if line.bold else 1.2, "dash": line.dash or dash(run.id)},
    }


def _layout(axis: Axis, runs: int, *, percent: bool, log: bool, from_zero: bool) -> dict[str, Any]:
    y: dict[str, Any] = {"tickformat": "~%" if percent else "", "hoverformat": ".2%" if percent else ".4~g",
                         "type": "log" if log else "linear", "uirevision": f"log {log}",
                         "rangemode": "tozero" if from_zero else "normal"}
    x = {"title": {"text": TITLES[axis]}, "uirevision": axis.value, "rangemode": "tozero",
         "hoverformat": ".2f" if axis is Axis.TIME else "", "unifiedhovertitle": {"text": f"{TITLES[axis]} %{{x}}"}}
    return {"uirevision": "kept", "xaxis": x, "yaxis": y, "margin": {"l": 44, "r": 8, "t": 8, "b": 36},
            "hovermode": "x unified" if runs <= _UNIFIED else "closest", "showlegend": runs <= 12,
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}}
