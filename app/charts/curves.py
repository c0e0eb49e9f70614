"""Curves of runs over one another: loss, accuracy, learning rate, or any recorded metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from app.charts.axes import TITLES, Axis, Column, along
from app.charts.packing import Figure
from app.colours import colour, dash
from app.stored import store
from engine.store import Run

_POINTS = 1000
_ALL_POINTS = 8000
_UNIFIED = 5
_NOTHING = {
    "showlegend": False, "xaxis": {"visible": False}, "yaxis": {"visible": False},
    "annotations": [{"text": "nothing recorded yet", "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5,
                     "showarrow": False}],
}


@dataclass(frozen=True)
class Line:
    """A metric of a run as drawn: ``bold`` lines stand in front, with a mark at each point while there are few.

    A lone point is always marked, as no line would show it. ``dash`` tells lines apart that would look alike in one
    run's chart; empty: as the run's others.
    """

    metric: str
    word: str
    bold: bool = True
    dash: str = ""


LOSS = (Line("loss", "train", bold=False), Line("val_loss", "validation"))
# Of mixed pictures no class is wholly right: what is counted has another name, and is drawn under it.
ACCURACY = (Line("train_accuracy", "train", bold=False),
            Line("train_mixed_accuracy", "train (share of mixed labels)", bold=False),
            Line("val_accuracy", "validation"))
RATE = (Line("lr", "learning rate"),)
PRECISION = (Line("val_map50", "at IoU 0.5", bold=False, dash="dash"),
             Line("val_map75", "at IoU 0.75", bold=False, dash="dot"), Line("val_map", "validation"))
_TERMS = {"class": "class", "box": "box", "centre": "centre", "object": "object or not", "proposal": "proposed box"}


@dataclass(frozen=True)
class Panel:
    """A chart of several lines with its title and what to read it by."""

    title: str
    note: str
    lines: tuple[Line, ...]
    percent: bool = False
    log: bool = False


_LOSS = Panel("Loss", "train at each step · **validation**", LOSS, log=True)
PANELS: dict[str, tuple[Panel, ...]] = {
    "classification": (_LOSS, Panel("Accuracy", "train · **validation**", ACCURACY, percent=True)),
    "detection": (_LOSS, Panel("mAP", "**validation**, mean over IoU 0.5 to 0.95 · at 0.5 · at 0.75", PRECISION,
                               percent=True)),
}
"""What is drawn of runs of each task, besides the terms of their loss."""


def panels(runs: Sequence[Run]) -> list[Panel]:
    """The charts of some runs: those of their tasks, and one for each term that the loss of any of them is the sum
    of."""
    found = dict.fromkeys(panel for run in runs for panel in PANELS[run.task])
    there = {name.removeprefix("loss_") for run in runs for name in _recorded(str(store().path), run.id, run.revision)
             if name.startswith("loss_")}
    terms = [*(term for term in _TERMS if term in there), *sorted(there - _TERMS.keys())]
    return [*found, *map(_term, terms)]


def _term(name: str) -> Panel:
    lines = Line(f"loss_{name}", "train", bold=False), Line(f"val_loss_{name}", "validation")
    return Panel(f"Loss: {_TERMS.get(name, name)}", _LOSS.note, lines, log=True)


def validated(runs: Sequence[Run]) -> list[Panel]:
    """The last line alone of each chart of their tasks, which is validation's, the score first."""
    charts = dict.fromkeys(panel for run in runs for panel in reversed(PANELS[run.task]))
    return [replace(panel, title=f"{panel.title} in validation", lines=panel.lines[-1:]) for panel in charts]


@st.cache_resource(show_spinner=False, max_entries=200)
def _recorded(path: str, run_id: int, revision: int) -> tuple[str, ...]:
    return tuple(store().metrics.summary(run_id))


def curves(runs: Sequence[Run], lines: Sequence[Line], *, axis: Axis = Axis.STEP, percent: bool = False,
           log: bool = False, from_zero: bool = False, height: int = 300, most: int = _POINTS) -> Figure:
    """The chosen metrics of the chosen runs; one legend entry a run, or a line when there is one run only."""
    points = max(200, min(most, _ALL_POINTS // max(1, len(runs))))
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
    """A run's thinned (steps, values), read again only after the run has changed."""
    return _column(str(store().path), run.id, run.revision, metric, points)


@st.cache_resource(show_spinner=False, max_entries=1000)
def _column(path: str, run_id: int, revision: int, metric: str, points: int) -> Column:
    return store().metrics.curve(run_id, metric, points)


def _legend(run: Run) -> dict[str, Any]:
    """A line without points that stands for the run in the legend, and hides all its lines when clicked."""
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
