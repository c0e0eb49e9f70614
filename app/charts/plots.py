"""Plots of curves: what they show, and the component that draws all of a page on canvases of its own."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.charts.packing import packed, without_arrays
from app.kit.framework import component

_JS = Path(__file__).parent / "js"
_PARTS = ("unpack", "scale", "pen", "plot", "pointer", "plots")


@dataclass(frozen=True)
class Entry:
    """An entry of a legend; clicking it hides all lines with its ``id``."""

    id: str
    name: str
    colour: str
    dash: str = "solid"
    opacity: float = 1.0


@dataclass(frozen=True, eq=False)
class Curve:
    """A line, or a mean with a band.

    Attributes:
        entry: place of its entry in the legend.
        label: its name where the pointer reads values.
        metric: the metric that it shows.
        x, y: positions and values, [N] each; a gap where one is not finite.
        width: pixels.
        marks: a dot at each point.
        quiet: not read by the pointer.
        low, high, n: edges of the band and number of runs, [N] each; None: no band.
    """

    entry: int
    label: str
    metric: str
    colour: str
    x: NDArray[Any]
    y: NDArray[Any]
    width: float = 2.2
    opacity: float = 1.0
    dash: str = "solid"
    marks: bool = False
    quiet: bool = False
    low: NDArray[Any] | None = None
    high: NDArray[Any] | None = None
    n: NDArray[Any] | None = None


@dataclass(frozen=True, eq=False)
class Plot:
    """A chart of curves.

    Attributes:
        title: unlike that of the other charts of the page.
        note: how to read it; ``**bold**``.
        entries: the legend.
        x_title, x_word: what the horizontal axis shows, below it and where the pointer reads a position.
        suffix: the unit of its values.
        limits: what the vertical axis shows at most; None: everything.
        outside: how many points lie outside the limits, in words.
        whole: the pointer reads at whole positions.
        height: pixels of the drawing.
        stamp: identifies what is drawn; set on the element as ``data-stamp`` once it is on the screen.
    """

    title: str
    note: str
    entries: list[Entry] = field(default_factory=list)
    lines: list[Curve] = field(default_factory=list)
    x_title: str = ""
    x_word: str = ""
    suffix: str = ""
    log_x: bool = False
    log_y: bool = False
    from_zero: bool = False
    limits: tuple[float, float] | None = None
    outside: str = ""
    whole: bool = False
    height: int = 300
    stamp: str = ""


def pack(plots: Sequence[Plot]) -> bytes:
    """Encode the plots as :mod:`app.charts.packing` does, each with digests of what it shows and of its heading."""
    arrays: list[NDArray[np.float32]] = []
    return packed({"plots": [_light(plot, arrays) for plot in plots]}, arrays)


def _light(plot: Plot, arrays: list[NDArray[np.float32]]) -> dict[str, Any]:
    first = len(arrays)
    lines = [without_arrays(vars(line), arrays) for line in plot.lines]
    light = vars(plot) | {"lines": lines, "entries": [asdict(entry) for entry in plot.entries]}
    told = json.dumps(light | {"lines": [{name: value for name, value in line.items() if not isinstance(value, dict)}
                                         for line in lines]}).encode()
    return light | {"digest": _digest(told, *(array.tobytes() for array in arrays[first:])),
                    "titles": _digest(json.dumps([plot.note, light["entries"]]).encode())}


def _digest(*parts: bytes) -> str:
    digest = blake2b(digest_size=8)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def draw_plots(plots: Sequence[Plot], key: str) -> None:
    """Draw the plots in a grid, as one element; those that have not changed stay as they are."""
    script = "\n".join((_JS / f"{part}.js").read_text() for part in _PARTS)
    mount = component("darkroom_plots", html='<div class="charts"></div>', css=(_JS / "plots.css").read_text(),
                      js=script)
    mount(data=pack(plots), key=key)
