"""The one chart of the dashboard: Plotly behind a small component that keeps zoom and hidden lines over refreshes."""

import json
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from app.kit.framework import PLOTLY_URL, component

_HERE = Path(__file__).parent


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
    """Encode the figure: uint32 header length, header padded to four bytes, float32 arrays one after the other.

    Raises:
        ValueError: a trace's ``uid`` is missing, or has a space.
    """
    for trace in figure.traces:
        if not (uid := str(trace.get("uid", ""))) or any(map(str.isspace, uid)):
            raise ValueError(f"uid: {uid!r} of a trace; Plotly needs one without spaces")
    arrays: list[np.ndarray[Any, np.dtype[np.float32]]] = []
    traces = [_without_arrays(trace, arrays) for trace in figure.traces]
    body = b"".join(array.tobytes() for array in arrays)
    header = {"traces": traces, "layout": figure.layout, "height": figure.height, "stamp": figure.stamp,
              "plotly": plotly_url}
    text = json.dumps(header, separators=(",", ":"))
    digest = blake2b(text.encode() + body, digest_size=8).hexdigest()
    text = text[:-1] + f',"digest":"{digest}"}}'
    encoded = text.encode() + b" " * (-len(text.encode()) % 4)
    return len(encoded).to_bytes(4, "little") + encoded + body


def _without_arrays(trace: dict[str, Any], arrays: list[np.ndarray[Any, np.dtype[np.float32]]]) -> dict[str, Any]:
    """Replace each numpy array of a trace by its offset in the body, and append the arrays to ``arrays``."""
    light: dict[str, Any] = {}
    for name, value in trace.items():
        if isinstance(value, np.ndarray):
            light[name] = {"at": sum(array.size for array in arrays), "shape": list(value.shape)}
            arrays.append(np.ascontiguousarray(value, dtype=np.float32))
        else:
            light[name] = value
    return light


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
    mount = component("darkroom_chart", html='<div class="chart"></div>', css=(_HERE / "chart.css").read_text(),
                      js=(_HERE / "chart.js").read_text())
    result = mount(data=pack(figure, PLOTLY_URL), key=key, on_click_change=lambda: None)
    clicked = result.get("click")
    return Click(**clicked) if clicked else None
