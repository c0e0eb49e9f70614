"""Charts of a detector's classes: precision over recall, and average precision against frequency."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from app.charts import chart
from app.charts.chart import Figure
from app.kit import words
from app.kit.address import remember
from app.kit.columns import share_bar
from app.kit.looks import PALETTE
from app.results.boxes.pictures import training_objects
from engine.boxes.arrays import Ints
from engine.boxes.confusion import genera
from engine.boxes.curves import Curve
from engine.boxes.metrics import RECALLS
from engine.evaluation.box_results import ClassRow, DetectionResults, View
from engine.store import Run

_MEAN, _QUIET = "#8a8178", "#8a817855"
_COLOURED = len(PALETTE)
_NAMED = 24
_TICKS = [step * 10**power for power in range(7) for step in (1, 3)]
_RANGE = (-0.04, 1.08)
_WIDTH = 480
"""Assumed width of the plot area in pixels when labels are placed; it is rarely narrower."""
_HEIGHT = 380
_POINT, _CHOSEN = "#3a7bd0", "#d2691e"
_CHARACTER, _LINE, _DOT, _BEYOND = 6.0, 13.0, 7.0, 30.0
"""In pixels: letter width and line height at font size 11, and the radius of a dot with its margin."""
_SIDES = {"top center": (0, 1), "bottom center": (0, -1), "middle right": (1, 0), "middle left": (-1, 0),
          "top left": (-1, 1), "bottom right": (1, -1), "top right": (1, 1), "bottom left": (-1, -1)}

Box = tuple[float, float, float, float]


def precision_recall(curves: Sequence[Curve], names: Sequence[str], score: float, shown: Sequence[int]) -> Figure:
    """Draw the mean curve over classes and a curve for each label in ``shown``; dots mark the score threshold."""
    measured = [curve for curve in curves if curve.objects]
    mean = np.mean([curve.envelope for curve in measured], axis=0) if measured else np.zeros(len(RECALLS))
    traces = [_line("mean", "mean over classes", mean, {"color": _MEAN, "width": 3.2})]
    for place, label in enumerate(shown):
        colour = PALETTE[place] if place < _COLOURED else _QUIET
        traces.append(_line(f"class-{label}", names[label], curves[label].envelope, {"color": colour, "width": 1.7}))
        traces.append(_dot(f"at-{label}", curves[label], score, colour))
    share = {"range": [0, 1.02], "tickformat": ".0%", "hoverformat": ".1%"}
    layout = {
        "uirevision": "kept", "hovermode": "closest", "margin": {"l": 48, "r": 8, "t": 8, "b": 40}, "showlegend": True,
        "xaxis": {**share, "title": {"text": "recall"}}, "yaxis": {**share, "title": {"text": "precision"}},
        "legend": {"orientation": "v", "y": 1, "x": 1.02},
    }
    return Figure(traces, layout, _HEIGHT, stamp=f"{score} {list(shown)}")


def _line(uid: str, name: str, envelope: np.ndarray[Any, np.dtype[np.float64]], line: dict[str, Any]) -> dict[str, Any]:
    return {"type": "scatter", "uid": uid, "mode": "lines", "name": name, "x": RECALLS, "y": envelope, "line": line,
            "hovertemplate": "recall %{x}<br>precision %{y}"}


def _dot(uid: str, curve: Curve, score: float, colour: str) -> dict[str, Any]:
    recall, precision = curve.at(score)
    there = np.isfinite(recall) and np.isfinite(precision)
    return {"type": "scatter", "uid": uid, "mode": "markers", "showlegend": False,
            "x": [recall] if there else [], "y": [precision] if there else [],
            "marker": {"color": colour, "size": 8, "line": {"width": 1, "color": "#ffffff"}},
            "hovertemplate": f"score {score:.2f}<br>recall %{{x}}<br>precision %{{y}}<extra></extra>"}


def frequency(rows: Sequence[ClassRow], counts: Sequence[int], of: str, chosen: int | None) -> Figure:
    """Draw a point for each class with objects; a click returns as ``row`` an index into :func:`measured`.

    Args:
        counts: objects of each class in the split that ``of`` names.
    """
    labels = measured(rows)
    named = len(labels) <= _NAMED
    x = np.maximum([counts[label] for label in labels], 0.5)
    names = place_names(*_pixels(x, rows, labels), [rows[label].name for label in labels]) if named else []
    trace: dict[str, Any] = {
        "type": "scatter", "uid": "classes", "mode": "markers+text" if named else "markers",
        "x": x.tolist(), "y": [rows[label].average_precision for label in labels],
        "text": [name for name, _ in names], "textposition": [side for _, side in names], "textfont": {"size": 11},
        "hoverinfo": "text", "showlegend": False, "cliponaxis": False,
        "hovertext": [f"{rows[label].name}<br>{words.counted(counts[label], 'object')} in {of}<br>average precision "
                      f"{rows[label].average_precision:.1%}<br>recall {rows[label].recall:.1%} of "
                      f"{rows[label].objects:,}" for label in labels],
        "marker": {"size": 9, "opacity": 0.85, "color": [_CHOSEN if label == chosen else _POINT for label in labels]}}
    layout = {
        "uirevision": "kept", "hovermode": "closest", "margin": {"l": 48, "r": 24, "t": 20, "b": 40},
        "xaxis": {"type": "log", "title": {"text": f"objects in {of}"}, "tickmode": "array",
                  "tickvals": _TICKS, "ticktext": [f"{tick:,}" for tick in _TICKS]},
        "yaxis": {"range": list(_RANGE), "tickformat": ".0%", "title": {"text": "average precision"}},
    }
    return Figure([trace], layout, _HEIGHT, stamp=f"{len(labels)} {chosen}")


def _pixels(x: NDArray[np.float64], rows: Sequence[ClassRow],
            labels: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the approximate positions of the dots, to the right and upwards."""
    along = np.log10(x)
    span = max(float(np.ptp(along)), 1e-9) if len(along) else 1.0
    up = np.array([rows[label].average_precision for label in labels]) / (_RANGE[1] - _RANGE[0])
    return (along - along.min(initial=np.inf)) / span * _WIDTH, up * (_HEIGHT - 60)


def measured(rows: Sequence[ClassRow]) -> list[int]:
    """Return the labels of the classes that have objects."""
    return [label for label, row in enumerate(rows) if np.isfinite(row.average_precision)]


def place_names(x: NDArray[np.float64], y: NDArray[np.float64], names: Sequence[str]) -> list[tuple[str, str]]:
    """Return each dot's name with a ``textposition`` that avoids overlaps; the name is empty if no side has room.

    Args:
        x, y: [N] positions in pixels, to the right and upwards; left of 0 begin the labels of the axis.
    """
    occupied: list[Box] = [(left - _DOT, low - _DOT, left + _DOT, low + _DOT)
                        for left, low in zip(x.tolist(), y.tolist(), strict=True)]
    found = []
    for left, low, name in zip(x.tolist(), y.tolist(), names, strict=True):
        boxes = {side: _box(left, low, len(name), *way) for side, way in _SIDES.items()}
        boxes = {side: box for side, box in boxes.items() if box[0] > -_BEYOND}
        side = next((side for side, box in boxes.items() if not any(_overlap(box, other) for other in occupied)), None)
        if side:
            occupied.append(boxes[side])
        found.append((name, side) if side else ("", "top center"))
    return found


def _box(x: float, y: float, letters: int, right: int, up: int) -> Box:
    """Return left, bottom, right and top of a name on one side of a dot."""
    half = letters * _CHARACTER / 2
    x, y = x + right * (half + _DOT), y + up * (_LINE / 2 + _DOT)
    return x - half, y - _LINE / 2, x + half, y + _LINE / 2


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


_CC = st.column_config
_FEW = 8


def curves(run: Run, results: DetectionResults, view: View) -> None:
    """Draw both charts side by side; a class selected in one is highlighted in both."""
    key = f"box_curves_{run.id}_{len(view.classes)}"
    labels = measured(view.per_class)
    if not labels:
        return
    asked = st.session_state.pop(f"{key}_clicked", None)
    if asked is not None:
        st.session_state[key] = [str(asked)]
    most = sorted(sorted(labels, key=lambda label: -view.per_class[label].objects)[:_FEW])
    remember("classes", key, tuple(map(str, most)), [str(label) for label in labels])
    with st.container(key="split_box_curves"):
        left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Precision and recall", anchor=False, help=f"At an IoU threshold of {view.overlap:g}. As in COCO, "
                     "precision at a recall is the highest one at that recall or more. Dots mark the score threshold.")
        shown = list(map(int, st.multiselect(
            "Classes", [str(label) for label in labels], key=key, format_func=lambda label: view.classes[int(label)],
            placeholder="Classes", label_visibility="collapsed", persist_state="session", max_selections=12)))
        chart(precision_recall(view.curves, view.classes, view.score_threshold, shown), key=f"box_pr_{run.id}")
    with right:
        st.subheader("Frequency", anchor=False, help="A point for each class: its number of training objects, and its "
                     "average precision.")
        counts, of = _occurrences(run, results, view)
        chosen = shown[0] if len(shown) == 1 else None
        clicked = chart(frequency(view.per_class, counts.tolist(), of, chosen), key=f"box_frequency_{run.id}")
    if clicked and clicked.trace == "classes":
        st.session_state[f"{key}_clicked"] = labels[clicked.row]
        st.rerun(scope="fragment")


def per_class(view: View) -> None:
    """Draw the metrics of each class, most frequent first."""
    data = pd.DataFrame(view.per_class).sort_values("objects", ascending=False, kind="stable")
    shares = {"precision": "Precision", "recall": "Recall", "f1": "F1",
              "average_precision": f"AP@{100 * view.overlap:.0f}", "map": "AP@50:95"}
    data[list(shares)] *= 100
    st.dataframe(data, hide_index=True, height=min(36 + 33 * len(data), 560), placeholder=words.DASH, column_config={
        "name": "Class", "objects": _CC.NumberColumn("Objects"), "boxes": _CC.NumberColumn("Boxes"),
        **{key: share_bar(heading) for key, heading in shares.items()}})


def _occurrences(run: Run, results: DetectionResults, view: View) -> tuple[Ints, str]:
    """Return the training objects of each class; those of the evaluated pictures if the training set is missing."""
    counts = training_objects(run)
    if counts is None:
        return view.confusion.objects, "these pictures"
    if len(view.classes) == len(results.classes):
        return counts, "training"
    return np.bincount(genera(results.classes)[1], weights=counts).astype(np.int64), "training"
