"""The one chart of the dashboard: Plotly behind a small component that keeps zoom and hidden lines over refreshes."""

import json
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.charts.packing import packed, without_arrays
from app.kit.framework import PLOTLY_URL, component

_JS = Path(__file__).parent / "js"


@dataclass(frozen=True)
class Figure:
    """A Plotly figure; a trace's numpy arrays travel as float32, everything else as JSON.

    Attributes:
        traces: Plotly traces, each with a ``uid`` that stays the same over refreshes and has no space: Plotly builds
            a selector from it to remove what a deleted trace has drawn.
        layout: Plotly layout without colours and fonts, which the browser takes from the theme.
        height: pixels.
        stamp: identifies what is drawn; set on the element as ``data-stamp`` once it is on the screen.
    """

    traces: list[dict[str, Any]]
    layout: dict[str, Any] = field(default_factory=dict)
    height: int = 300
    stamp: str = ""


def pack(figure: Figure, plotly_url: str) -> bytes:
    """Encode the figure as :mod:`app.charts.packing` does, with a digest of what it shows.

    Raises:
        ValueError: a trace's ``uid`` is missing, or has a space.
    """
    for trace in figure.traces:
        if not (uid := str(trace.get("uid", ""))) or any(map(str.isspace, uid)):
            raise ValueError(f"uid: {uid!r} of a trace; Plotly needs one without spaces")
    arrays: list[NDArray[np.float32]] = []
    traces = [without_arrays(trace, arrays) for trace in figure.traces]
    header = {"traces": traces, "layout": figure.layout, "height": figure.height, "stamp": figure.stamp,
              "plotly": plotly_url}
    digest = blake2b(json.dumps(header).encode() + b"".join(array.tobytes() for array in arrays), digest_size=8)
    return packed(header | {"digest": digest.hexdigest()}, arrays)


@dataclass(frozen=True)
class Click:
    """What was clicked: the trace's ``uid``, its data coordinates, and its cell (heatmap) or index (``row``)."""

    trace: str
    x: float
    y: float
    row: int
    column: int


def chart(figure: Figure, key: str) -> Click | None:
    """Draw a figure and return the point or cell that was just clicked, once; else None."""
    mount = component("darkroom_chart", html='<div class="chart"></div>', css=(_JS / "chart.css").read_text(),
                      js=(_JS / "unpack.js").read_text() + (_JS / "chart.js").read_text())
    result = mount(data=pack(figure, PLOTLY_URL), key=key, on_click_change=lambda: None)
    clicked = result.get("click")
    return Click(**clicked) if clicked else None
