"""The points of curves as a table."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from app.charts.columns import columns
from app.charts.panels import Axis, Panel, along
from engine.store import Run


def as_csv(runs: Sequence[Run], panels: Sequence[Panel]) -> bytes:
    """Return all recorded points of the charts as UTF-8 CSV: run, name, metric, step, epoch, images, hours, value."""
    metrics = dict.fromkeys(line.metric for panel in panels for line in panel.lines)
    tables = [_table(run, metric) for run in runs for metric in metrics]
    return (pd.concat(tables) if tables else pd.DataFrame()).to_csv(index=False).encode()


def _table(run: Run, metric: str) -> pd.DataFrame:
    steps, values = columns([run], metric)[run.id]
    speeds = columns([run], "images_per_second")[run.id]
    return pd.DataFrame({"run": run.id, "name": run.name, "metric": metric, "step": steps,
                         **{axis.value.lower(): np.round(along(axis, run, steps, speeds), 6)
                            for axis in (Axis.EPOCH, Axis.IMAGES, Axis.HOURS)}, "value": values})
