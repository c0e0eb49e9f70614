"""Figures of a report as inline SVG, with text that can be searched and copied."""

import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from engine.report.words import word
from engine.store import Run, Store
from engine.study.matrix import Matrix, State

COLOURS = ("#3a7bd0", "#d2691e", "#2c9a72", "#a855a0", "#b8900f", "#2f9fb3", "#cf4a5c", "#7565c7", "#7a942d", "#94705a",
           "#5b7c95", "#dd7299")
_INK, _QUIET, _LINE = "#26211d", "#6f665d", "#e3ddd4"
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "darkroom", "font.family": "sans-serif", "font.size": 10,
    "text.color": _INK, "axes.edgecolor": _LINE, "axes.labelcolor": _QUIET, "xtick.color": _QUIET,
    "ytick.color": _QUIET, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
    "grid.color": _LINE, "grid.linewidth": 0.6, "axes.axisbelow": True}
_HANGUL = "'Noto Sans KR', 'Noto Sans CJK KR', 'Apple SD Gothic Neo', 'Malgun Gothic'"
"""Fonts of the systems that readers have; matplotlib's own has no Hangul."""
_PREAMBLE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_SIZE = re.compile(r'(<svg[^>]*?) width="[\d.]+pt" height="[\d.]+pt"', re.DOTALL)

Format = Callable[[float], str]
Curve = tuple[NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True)
class Estimate:
    """A line of a forest plot: an estimate with its interval, if any; ``decisive``: the verdict is not inconclusive."""

    title: str
    value: float
    low: float | None
    high: float | None
    decisive: bool


def forest(estimates: Sequence[Estimate], axis: str, tick: Format, margin: float = 0.0) -> str:
    """Draw estimates with intervals below their titles, with a line at zero and a band for the margin."""
    with _figure(8.6, 0.7 + 0.5 * len(estimates)) as (figure, axes):
        for row, each in enumerate(estimates):
            colour = COLOURS[0] if each.decisive else _QUIET
            # Beside each interval only, so that nothing crosses the titles.
            if margin:
                axes.fill_betweenx([row - 0.12, row + 0.3], -margin, margin, color=_LINE, alpha=0.55, linewidth=0)
            axes.plot([0, 0], [row - 0.12, row + 0.3], color=_QUIET, linewidth=1)
            if each.low is not None and each.high is not None:
                axes.plot([each.low, each.high], [row, row], color=colour, linewidth=1.8, solid_capstyle="butt")
            axes.plot([each.value], [row], "o", color=colour, markersize=5,
                      markerfacecolor=colour if each.low is not None else "white")
            axes.text(0, row - 0.32, each.title, transform=axes.get_yaxis_transform(), fontsize=9, va="center")
        axes.set_yticks([])
        axes.set_ylim(len(estimates) - 0.5, -0.75)
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        axes.set_xlabel(axis)
        axes.grid(visible=False)
        return _svg(figure)


def curves(groups: Mapping[str, Sequence[Curve]], across: str, up: str, tick: Format) -> str:
    """Draw each group in a colour: its curves thin, their mean at shared steps bold."""
    with _figure(8.6, 3.6) as (figure, axes):
        for place, (title, lines) in enumerate(groups.items()):
            colour = COLOURS[place % len(COLOURS)]
            for steps, values in lines:
                axes.plot(steps, values, color=colour, linewidth=0.8, alpha=0.4)
            steps, mean = _mean(lines)
            axes.plot(steps, mean, color=colour, linewidth=2, label=title, linestyle=("-", "--", ":")[
                place // len(COLOURS) % 3], marker="o" if len(steps) == 1 else "")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, fontsize=9)
        return _svg(figure)


def _mean(lines: Sequence[Curve]) -> Curve:
    shared = sorted(set.intersection(*(set(steps.tolist()) for steps, _ in lines)))
    rows = [dict(zip(steps.tolist(), values.tolist(), strict=True)) for steps, values in lines]
    return np.array(shared, np.int64), np.array([np.mean([row[step] for row in rows]) for step in shared])


@contextmanager
def _figure(width: float, height: float) -> Iterator[tuple[Figure, Axes]]:
    """Make a figure, with sizes in inches. It does not use pyplot, whose global state is not thread-safe."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.add_subplot()


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    with warnings.catch_warnings():
        # The font only measures text; viewers render the SVG with fonts that have the missing glyphs.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue().replace("'DejaVu Sans',", f"'DejaVu Sans', {_HANGUL},")
    return _SIZE.sub(r'\1 role="img"', _PREAMBLE.sub("", svg))


_MOST_CELLS = 12


@dataclass(frozen=True)
class Plot:
    title: str
    svg: str


def plots(store: Store, found: Matrix, language: str) -> list[Plot]:
    """Plot validation score and training loss by epoch, for the first cells of a large study."""
    cells = {" · ".join(cell): [entry.run for entry in entries if entry.run and entry.state is State.DONE]
             for cell, entries in found.by_cell.items()}
    cells = dict([(title, runs) for title, runs in cells.items() if runs][:_MOST_CELLS])
    scores = dict.fromkeys(run.score for runs in cells.values() for run in runs)
    metrics = [*((score.validation, f"{score.name} ({word('validation', language)})", True) for score in scores),
               ("train_loss", word("train_loss", language), False)]
    made = (_plot(store, cells, metric, title, language, percent=percent) for metric, title, percent in metrics)
    return [plot for plot in made if plot]


def _plot(store: Store, cells: dict[str, list[Run]], metric: str, title: str, language: str, *,
          percent: bool) -> Plot | None:
    groups = {cell: lines for cell, runs in cells.items() if (lines := _lines(store, runs, metric))}
    if not groups:
        return None
    tick = (lambda value: f"{100 * value:.0f} %") if percent else (lambda value: f"{value:.3g}")
    return Plot(title, curves(groups, word("epoch", language), title, tick))


def _lines(store: Store, runs: Sequence[Run], metric: str) -> list[Curve]:
    """Return each run's values by epoch, from 1; NaN values are gaps."""
    columns = store.metrics.curves([run.id for run in runs], metric)
    return [(steps // max(run.steps_per_epoch, 1), values) for run in runs
            for steps, values in [columns[run.id]] if len(steps)]
