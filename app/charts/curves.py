"""From recorded metrics to plots: the curves of runs, or of groups of runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.charts.bands import Summary, summarise
from app.charts.columns import NOTHING, columns
from app.charts.names import Group, Look, groups_of, looks_of
from app.charts.panels import Axis, Line, Panel, along, higher_is_better
from app.charts.plots import Curve, Entry, Plot
from app.charts.smoothing import best_so_far, robust_range, smooth
from app.charts.view import View
from engine.store import Run
from engine.store.metrics import thin

Floats = NDArray[np.float64]
_POINTS = 1000
_ALL_POINTS = 8000
_MARKED = 60
_WORDS = {Axis.STEP: ("step", "step"), Axis.EPOCH: ("epoch", "epoch"), Axis.HOURS: ("hours of training", "hours"),
          Axis.IMAGES: ("images seen", "images seen")}
_MANY_SECONDS = 7200
_MINUTES = ("minutes of training", "minutes")


@dataclass(frozen=True, eq=False)
class _Read:
    """A metric of a run: float64 [N], positions without NaN; ``raw`` before smoothing, or None if there is none."""

    steps: NDArray[np.int64]
    x: Floats
    y: Floats
    raw: Floats | None

    @property
    def recorded(self) -> Floats:
        return self.y if self.raw is None else self.raw


@dataclass
class _Drawing:
    """A plot that grows line by line.

    Attributes:
        x_scale: what positions are multiplied by: hours are drawn as minutes while there are few.
        values: of all lines as recorded, which one spike cannot smear over its neighbours.
        newest: the last step that is drawn.
    """

    x_scale: float = 1.0
    entries: list[Entry] = field(default_factory=list)
    lines: list[Curve] = field(default_factory=list)
    faint: list[Curve] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    newest: int = 0


def plot(panel: Panel, runs: Sequence[Run], view: View, height: int = 300) -> Plot:
    """Return the chart of a panel: one legend entry per run or group, or per line if there is only one run."""
    minutes = view.axis is Axis.HOURS and max((run.seconds for run in runs), default=0.0) < _MANY_SECONDS
    drawing = _Drawing(60.0 if minutes else 1.0)
    if view.groups:
        for group in groups_of(runs, view.groups):
            _add_group(drawing, panel, group, view)
    else:
        reads = {line: _read(runs, line, panel, view, drawing.x_scale) for line in panel.lines}
        for run_id, look in looks_of(runs).items():
            _add_run(drawing, {line: reads[line][run_id] for line in panel.lines if run_id in reads[line]}, look,
                     of=len(runs))
    limits, outside = _limits(drawing.values, view)
    title, word = _MINUTES if minutes else _WORDS[view.axis]
    note = panel.note or (panel.unit.suffix.strip() if panel.log else "")
    return Plot(panel.title, note, drawing.entries, [*drawing.faint, *drawing.lines], title, word,
                panel.unit.suffix, view.log_x, view.log_y and panel.log, panel.from_zero, limits, outside,
                view.axis is Axis.EPOCH, height, str(drawing.newest))


def _add_run(drawing: _Drawing, reads: Mapping[Line, _Read], look: Look, of: int) -> None:
    """Add the lines of a run; the only run has an entry for each of its lines."""
    for place, (line, read) in enumerate(reads.items()):
        opacity, dash = 1.0 if line.bold else 0.6, line.dash or look.dash
        word = f"{line.word[:1].upper()}{line.word[1:]}"
        if of == 1:
            drawing.entries.append(Entry(line.metric, word, look.colour, dash, opacity))
        elif not place:
            drawing.entries.append(Entry(look.key, look.name, look.colour, look.dash))
        label = word if of == 1 else f"{look.name} {line.word}" if len(reads) > 1 else look.name
        _add_line(drawing, read, Curve(len(drawing.entries) - 1, label, line.metric, look.colour, read.x, read.y,
                                       2.2 if line.bold else 1.2, opacity, dash),
                  points=max(200, min(_POINTS, _ALL_POINTS // of)), bold=line.bold)


def _add_line(drawing: _Drawing, read: _Read, curve: Curve, *, points: int, bold: bool) -> None:
    """Add a line, thinned; the values as recorded lie faint beneath it if it is smoothed."""
    drawing.newest = max(drawing.newest, int(read.steps[-1]))
    drawing.values.append(read.recorded)
    x, y = _thinned(read, read.y, points)
    marks = len(x) == 1 or (bold and len(x) <= _MARKED)
    drawing.lines.append(Curve(**(vars(curve) | {"x": x, "y": y, "marks": marks})))
    if read.raw is not None:
        x, y = _thinned(read, read.raw, points)
        drawing.faint.append(Curve(**(vars(curve) | {"x": x, "y": y, "width": 1.0, "quiet": True,
                                                     "opacity": 0.25 * curve.opacity})))


def _thinned(read: _Read, y: Floats, points: int) -> tuple[Floats, Floats]:
    steps, values = thin((read.steps, y), points)
    return read.x[np.searchsorted(read.steps, steps)], values


def _read(runs: Sequence[Run], line: Line, panel: Panel, view: View, x_scale: float) -> dict[int, _Read]:
    """Return a metric of each run that has recorded it, by run."""
    speeds = columns(runs, "images_per_second") if view.axis is Axis.HOURS else {}
    found, recorded = {}, columns(runs, line.metric)
    for run in runs:
        steps, values = recorded[run.id]
        x = along(view.axis, run, steps, speeds.get(run.id, NOTHING))
        known = np.isfinite(x)
        if known.any():
            found[run.id] = _changed(steps[known], x[known] * x_scale, values[known] * panel.unit.scale,
                                     view, higher_is_better(line.metric))
    return found


def _changed(steps: NDArray[np.int64], x: Floats, y: Floats, view: View, direction: bool | None) -> _Read:
    if view.best and direction is not None:
        return _Read(steps, x, best_so_far(y, higher_is_better=direction), None)
    return _Read(steps, x, smooth(x, y, view.smoothing), y if view.smoothing > 0 and len(y) > 2 else None)


def _add_group(drawing: _Drawing, panel: Panel, group: Group, view: View) -> None:
    """Add the mean of each line of a group with its band, and its single runs if they are asked for."""
    entry, look = len(drawing.entries), group.look
    drawing.entries.append(Entry(look.key, look.name, look.colour, look.dash))
    for line in panel.lines:
        reads = list(_read(group.runs, line, panel, view, drawing.x_scale).values())
        if not reads:
            continue
        drawing.newest = max(drawing.newest, *(int(read.steps[-1]) for read in reads))
        found: Summary = summarise([(read.x, read.y) for read in reads], view.band)
        drawing.values += [read.recorded for read in reads]
        label = f"{look.name} {line.word}" if len(panel.lines) > 1 else look.name
        main = Curve(entry, label, line.metric, look.colour, found.x, found.mean, 2.2 if line.bold else 1.2,
                     1.0 if line.bold else 0.6, line.dash or look.dash, low=found.low, high=found.high, n=found.n)
        drawing.lines.append(main)
        if view.singles:
            points = max(100, _ALL_POINTS // len(reads))
            drawing.faint += [Curve(entry, "", line.metric, look.colour, *_thinned(read, read.y, points), 0.8, 0.3,
                                    quiet=True) for read in reads]


def _limits(values: Sequence[Floats], view: View) -> tuple[tuple[float, float] | None, str]:
    """Return what the vertical axis shows at most, and how many points lie outside of it, in words."""
    pooled = np.concatenate(values) if values else np.empty(0)
    limits = robust_range(pooled, log=view.log_y) if view.robust else None
    if limits is None:
        return None, ""
    finite = pooled[np.isfinite(pooled)]
    outside = int(((finite < limits[0]) | (finite > limits[1])).sum())
    return limits, f"{outside:,} of {len(finite):,} points outside · show all"
