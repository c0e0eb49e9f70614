"""What the boxes are like on the whole: classes, numbers, areas, shapes, places."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.charts import chart
from app.charts.chart import Figure
from app.charts.confusion import SCALES
from app.kit import words
from app.kit.choice import class_filter
from engine.data import DetectionDataset
from engine.data.audits.boxes import coverage, picture_sizes
from engine.data.boxes.dataset import AnnotatedSplit

SPLIT_COLOURS = {"train": "#d2691e", "test": "#2c9a72"}
_BAR, _BARS_AROUND = 17, 64
_BINS, _FEWEST_BINS = 48, 12
_HEIGHT = 230

Values = Mapping[str, NDArray[Any]]
"""By split: one number a box, or a picture."""


def class_bars(classes: Sequence[str], counts: Values, *, log: bool) -> Figure:
    """A bar a class, the most frequent on top, divided by split."""
    total = np.sum(list(counts.values()), axis=0)
    order = np.argsort(-total, kind="stable")[::-1]
    traces = [{"type": "bar", "orientation": "h", "uid": split, "name": split, "y": [classes[label] for label in order],
               "x": numbers[order], "marker": {"color": SPLIT_COLOURS[split], "line": {"width": 0}},
               "hovertemplate": "%{x:,}"} for split, numbers in counts.items()]
    layout = _layout("boxes", "") | {"barmode": "group" if log else "stack", "bargap": 0.25, "hovermode": "y unified"}
    layout["xaxis"] |= {"type": "log" if log else "linear", "uirevision": f"{log}"}
    layout["yaxis"] = {"showgrid": False, "type": "category", "dtick": 1, "tickfont": {"size": 11}}
    return Figure(traces, layout, _BARS_AROUND + _BAR * len(order) * (2 if log and len(counts) > 1 else 1),
                  stamp=f"classes {len(order)}")


def numbers_of(values: Values, title: str) -> Figure:
    """A bar for each whole number, as a share of each split."""
    traces = []
    for split, numbers in values.items():
        counts = np.bincount(numbers)
        traces.append({"type": "bar", "uid": split, "name": split, "x": np.arange(len(counts)),
                       "y": counts / max(len(numbers), 1), "customdata": counts.tolist(),
                       "marker": {"color": SPLIT_COLOURS[split]}, "hovertemplate": "%{y:.1%}, %{customdata:,}"})
    layout = _layout(title, "share of the pictures") | {"bargap": 0.3}
    layout["xaxis"] |= {"dtick": 1 if max((len(trace["x"]) for trace in traces), default=0) <= 25 else None}
    return Figure(traces, layout, _HEIGHT, stamp=title)


def spread(values: Values, title: str, *, log: bool = False, marks: Mapping[str, float] | None = None,
           ticks: Sequence[float] = ()) -> Figure:
    """How values are distributed in each split, as shares; ``marks`` are named lines across."""
    everything = np.concatenate(list(values.values()))
    if not len(everything):
        return Figure([], _layout(title, ""), _HEIGHT, stamp=title)
    scaled = np.log10(everything) if log else everything
    low, high = float(scaled.min() if log else min(scaled.min(), 0)), float(scaled.max())
    edges = np.linspace(low, high if high > low else low + 1, _bins(len(everything)) + 1)
    traces = []
    for split, numbers in values.items():
        counts, _ = np.histogram(np.log10(numbers) if log else numbers, bins=edges)
        shares = np.concatenate(([0], counts / max(len(numbers), 1), [0]))
        x = np.concatenate(([edges[0]], edges))
        traces.append({"type": "scatter", "mode": "lines", "uid": split, "name": split, "x": 10**x if log else x,
                       "y": shares, "fill": "tozeroy", "fillcolor": f"{SPLIT_COLOURS[split]}22",
                       "line": {"color": SPLIT_COLOURS[split], "width": 1.8, "shape": "hv"},
                       "hovertemplate": "%{y:.1%}"})
    layout = _layout(title, "share of the boxes")
    layout["xaxis"] |= {"type": "log" if log else "linear", "uirevision": f"{log}", "hoverformat": ",.3~s"}
    if ticks:
        layout["xaxis"] |= {"tickmode": "array", "tickvals": list(ticks), "ticktext": [f"{tick:,}" for tick in ticks]}
    shown = {name: place for name, place in (marks or {}).items() if everything.min() < place < everything.max()}
    layout |= {"shapes": [{"type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "yref": "paper",
                           "line": {"color": "#8a8178", "width": 1, "dash": "dot"}} for place in shown.values()],
               "annotations": [{"x": np.log10(place) if log else place, "y": 1, "yref": "paper", "text": name,
                                "showarrow": False, "xanchor": "left", "yanchor": "top", "xshift": 3}
                               for name, place in shown.items()]}
    return Figure(traces, layout, _HEIGHT, stamp=f"{title} {log}")


def places(counts: NDArray[Any], boxes: int, width: int, height: int) -> Figure:
    """A map of a picture, darker where more of the boxes lie.

    Args:
        counts: [rows, columns], how many of the ``boxes`` cover each cell.
        width, height: whose aspect the map has.
    """
    colours = SCALES["dark" if st.context.theme.type == "dark" else "light"]
    rows, columns = counts.shape
    trace: dict[str, Any] = {
        "type": "heatmap", "uid": "places", "z": counts / max(boxes, 1), "showscale": False,
        "x": (np.arange(columns) + 0.5) / columns, "y": (np.arange(rows) + 0.5) / rows,
        "colorscale": [[place / (len(colours) - 1), colour] for place, colour in enumerate(colours)],
        "zmin": 0, "hovertemplate": "%{z:.1%} of the boxes<extra></extra>"}
    axis: dict[str, Any] = {"showgrid": False, "showticklabels": False, "fixedrange": True, "constrain": "domain"}
    layout = {"uirevision": "kept", "margin": {"l": 8, "r": 8, "t": 8, "b": 8}, "xaxis": axis | {"range": [0, 1]},
              "yaxis": axis | {"range": [1, 0], "scaleanchor": "x", "scaleratio": height / max(width, 1)}}
    return Figure([trace], layout, 300, stamp="places")


def sizes_of(sizes: Sequence[tuple[tuple[int, int], int]]) -> Figure:
    """A dot for each width and height, larger where more pictures have it."""
    most = max(count for _, count in sizes)
    trace: dict[str, Any] = {
        "type": "scatter", "mode": "markers", "uid": "sizes", "x": [width for (_, width), _ in sizes],
        "y": [height for (height, _), _ in sizes], "hoverinfo": "text",
        "hovertext": [f"{width} × {height}<br>{count:,} pictures" for (height, width), count in sizes],
        "marker": {"size": [7 + 21 * (count / most) ** 0.5 for _, count in sizes], "color": "#3a7bd0", "opacity": 0.6}}
    layout = _layout("width in pixels", "height in pixels") | {"hovermode": "closest", "showlegend": False}
    layout["yaxis"] = {"title": {"text": "height in pixels"}, "rangemode": "tozero"}
    layout["xaxis"] |= {"rangemode": "tozero"}
    return Figure([trace], layout, 300, stamp=f"sizes {len(sizes)}")


def _bins(count: int) -> int:
    """Fewer where there is little to count, so that what is seen is not chance."""
    return int(np.clip(1.2 * count**0.5, _FEWEST_BINS, _BINS))


def _layout(x: str, y: str) -> dict[str, Any]:
    return {"uirevision": "kept", "margin": {"l": 48, "r": 8, "t": 8, "b": 36}, "hovermode": "x unified",
            "xaxis": {"title": {"text": x}}, "yaxis": {"title": {"text": y}, "tickformat": "~%", "rangemode": "tozero"},
            "showlegend": True, "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0,
                                           "traceorder": "normal"}}


_SMALL, _LARGE = 32, 96
"""Sides of the squares whose areas part small, medium and large objects in COCO's evaluation."""
_AREAS = tuple(step * 10**power for power in range(8) for step in (1, 3))
_RATIOS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)


def distribution(dataset: DetectionDataset, _folder: str) -> None:
    """All figures, of all boxes or those of one class."""
    splits = {"train": dataset.train, "test": dataset.test}
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("Boxes of each class", anchor=False, width="content")
        log = st.toggle("Logarithmic", key="boxes_log_classes", persist_state="session")
    counts = {name: np.bincount(split.annotations.labels, minlength=len(dataset.classes))
              for name, split in splits.items()}
    chart(class_bars(dataset.classes, counts, log=log), key="boxes_classes")
    st.caption(_tail(dataset, counts["train"]))
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("Numbers, sizes, shapes and places", anchor=False, width="content")
        label = class_filter("All classes", dataset.classes, f"boxes_class_{dataset.fingerprint}")
    with st.container(key="split_box_numbers"):
        left, right = st.columns(2, gap="large")
    with left:
        _per_picture(splits, label)
        _aspects(splits, label)
    with right:
        _areas(splits, label)
        _places(dataset, splits, label)
    _sizes(dataset)


def _tail(dataset: DetectionDataset, counts: NDArray[np.int64]) -> str:
    """How long the tail is, in a sentence."""
    order = np.argsort(-counts, kind="stable")
    needed = int(np.searchsorted(np.cumsum(counts[order]), counts.sum() / 2)) + 1
    half = f"{needed} class{'es make' if needed > 1 else ' makes'}"
    few = int((counts < 10).sum())
    rare = f"; {few} {'classes have' if few > 1 else 'class has'} fewer than ten" if few else ""
    return words.plain(f"{half} half of the {counts.sum():,} training boxes; {dataset.classes[order[0]]} has "
                       f"{counts[order[0]]:,}, {dataset.classes[order[-1]]} {counts[order[-1]]:,}{rare}.")


def _per_picture(splits: dict[str, AnnotatedSplit], label: int | None) -> None:
    numbers = {name: np.bincount(split.annotations.picture[_of(split, label)], minlength=len(split))
               for name, split in splits.items()}
    st.subheader("Boxes in a picture", anchor=False)
    chart(numbers_of(numbers, "boxes in a picture"), key="boxes_per_picture")
    everything = np.concatenate(list(numbers.values()))
    st.caption(f"{everything.mean():.2f} on average, {everything.max():,} at most; {int((everything == 0).sum()):,} of "
               f"{len(everything):,} pictures have none{' of this class' if label is not None else ''}.")


def _areas(splits: dict[str, AnnotatedSplit], label: int | None) -> None:
    areas = {name: split.annotations.areas[_of(split, label)] for name, split in splits.items()}
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("Area of the boxes", anchor=False, width="content")
        scale = st.segmented_control("Scale", ["Logarithmic", "Linear"], default="Logarithmic", required=True,
                                     key="boxes_area_scale", label_visibility="collapsed", persist_state="session")
    log = scale == "Logarithmic"
    chart(spread(areas, "square pixels", log=log, marks={"32²": _SMALL**2, "96²": _LARGE**2},
                 ticks=_AREAS if log else ()), key="boxes_area")
    everything = np.concatenate(list(areas.values()))
    if len(everything):
        small, large = (everything < _SMALL**2).mean(), (everything >= _LARGE**2).mean()
        st.caption(f"Median {np.median(everything):,.0f}, mean {everything.mean():,.0f} px². In the original pictures "
                   f"{small:.0%} are small (below 32²), {large:.0%} large (96² or more) in COCO’s words.")


def _aspects(splits: dict[str, AnnotatedSplit], label: int | None) -> None:
    ratios = {}
    for name, split in splits.items():
        x1, y1, x2, y2 = split.annotations.boxes[_of(split, label)].T
        ratios[name] = (x2 - x1) / (y2 - y1)
    st.subheader("Aspect ratio", anchor=False)
    chart(spread(ratios, "width by height", log=True, marks={"square": 1.0}, ticks=_RATIOS), key="boxes_aspect")
    everything = np.concatenate(list(ratios.values()))
    if len(everything):
        lower, median, upper = np.quantile(everything, (0.25, 0.5, 0.75))
        st.caption(f"Median {median:.2f}; half lie within {lower:.2f} and {upper:.2f}.")


def _places(dataset: DetectionDataset, splits: dict[str, AnnotatedSplit], label: int | None) -> None:
    st.subheader("Where they lie", anchor=False, help="Every picture is laid over the same frame; darker where more "
                 "boxes cover it.")
    counts = np.sum([coverage(split, label) for split in splits.values()], axis=0)
    boxes = sum(int(_of(split, label).sum()) for split in splits.values())
    height, width = np.median(np.concatenate([split.sizes for split in splits.values()]), axis=0)
    chart(places(counts, boxes, width, height), key="boxes_places")


def _sizes(dataset: DetectionDataset) -> None:
    sizes = picture_sizes(dataset)
    (height, width), count = sizes[0]
    if len(sizes) == 1:
        st.caption(f"All {count:,} pictures are {width:,} × {height:,} pixels.")
        return
    st.subheader("Sizes of the pictures", anchor=False)
    chart(sizes_of(sizes), key="boxes_sizes")
    st.caption(f"{len(sizes):,} sizes; {width:,} × {height:,} is the most frequent, with {count:,} pictures.")


def _of(split: AnnotatedSplit, label: int | None) -> NDArray[np.bool_]:
    labels = split.annotations.labels
    return np.ones(len(labels), np.bool_) if label is None else np.asarray(labels == label)
