"""What a curve is drawn against: steps, epochs or training time."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.config.steps import pictures_per_epoch
from engine.errors import UserError
from engine.store import Run

Column = tuple[NDArray[np.int64], NDArray[np.float64]]


class Axis(StrEnum):
    """The choices, in words."""

    STEP = "Step"
    EPOCH = "Epoch"
    TIME = "Time"


TITLES = {Axis.STEP: "step", Axis.EPOCH: "epoch", Axis.TIME: "minutes of training"}


def along(axis: Axis, run: Run, steps: NDArray[np.int64], speeds: Column) -> NDArray[Any]:
    """Where points at these steps lie; ``speeds`` are the run's images a second by epoch, which give the time."""
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
    """On average over an epoch; the batch size when the user's own files, which would tell, are gone."""
    try:
        return pictures_per_epoch(run.config_object()) / max(run.steps_per_epoch, 1)
    except UserError:
        return float(run.config["batch_size"])
