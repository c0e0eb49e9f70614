"""Which metrics a chart of curves shows, and against what."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.charts.columns import recorded
from engine.catalog.metric import UNITS, Unit
from engine.catalog.metrics import CURVES
from engine.config.steps import pictures_per_epoch
from engine.errors import UserError
from engine.store import Run
from engine.store.chunks import Column


class Axis(StrEnum):
    """What the horizontal axis shows."""

    STEP = "Step"
    EPOCH = "Epoch"
    HOURS = "Hours"
    IMAGES = "Images seen"


def along(axis: Axis, run: Run, steps: NDArray[np.int64], speeds: Column) -> NDArray[np.float64]:
    """Convert steps to positions on the axis.

    Args:
        steps: int64 [N].
        speeds: steps and images per second of each epoch, from which hours follow; NaN while there are none.
    """
    if axis is Axis.STEP:
        return steps.astype(np.float64)
    if axis is Axis.EPOCH:
        return np.asarray(steps / max(run.steps_per_epoch, 1))
    if axis is Axis.IMAGES:
        return np.asarray(steps * _pictures_per_step(run))
    ends, images_per_second = speeds
    usable = np.isfinite(images_per_second) & (images_per_second > 0)
    ends, images_per_second = ends[usable], images_per_second[usable]
    if not len(ends):
        return np.full(len(steps), np.nan)
    pictures = _pictures_per_step(run) * np.diff(ends, prepend=0)
    hours = np.cumsum(pictures / images_per_second) / 3600
    beyond = hours[-1] + (steps - ends[-1]) * hours[-1] / ends[-1]
    return np.asarray(np.where(steps > ends[-1], beyond, np.interp(steps, np.append(0, ends), np.append(0.0, hours))))


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


@dataclass(frozen=True)
class Panel:
    """A chart of several lines, with its title and a note on how to read it.

    Attributes:
        from_zero: the vertical axis starts at zero.
    """

    title: str
    note: str
    lines: tuple[Line, ...]
    from_zero: bool = False

    @property
    def log(self) -> bool:
        """Whether its values may be on a logarithmic axis; shares stay linear."""
        return self.unit is not UNITS["share"]

    @property
    def unit(self) -> Unit:
        """How the values of its last line, which gives the chart its name, are written."""
        row = CURVES.get(self.lines[-1].metric)
        return UNITS["plain"] if row is None or row.unit == "nats" else row.as_unit


LOSS = Panel("Loss", "train at each step · **validation**",
             (Line("loss", "train", bold=False), Line("val_loss", "validation")))
RATE = Panel("Learning rate", "", (Line("lr", "learning rate"),), from_zero=True)


def higher_is_better(metric: str) -> bool | None:
    """Return the direction of a recorded metric; terms of a loss are better low, others are not known."""
    row = CURVES.get(metric)
    return row.higher_is_better if row else False if "loss" in metric else None


def all_panels(runs: Sequence[Run], known: Sequence[Panel]) -> dict[str, Panel]:
    """Return the known charts by title, then one for each other metric that any of the runs has recorded."""
    titled: dict[str, Any] = {panel.title: panel for panel in (*known, RATE)}
    drawn = {line.metric for panel in titled.values() for line in panel.lines}
    for metric in dict.fromkeys(name for run in runs for name in recorded(run) if name not in drawn):
        title = CURVES[metric].title if metric in CURVES else metric.replace("_", " ").capitalize()
        titled.setdefault(title, Panel(title, "", (Line(metric, title.lower()),)))
    return titled
