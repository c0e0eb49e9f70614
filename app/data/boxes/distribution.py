"""The distribution of boxes: classes, counts, areas, aspect ratios, positions."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.charts import chart
from app.charts.chart import Figure
from app.charts.confusion import SCALES
from app.data.audit import share_layout
from app.kit import words
from app.kit.address import remember
from app.kit.choice import class_filter
from engine.data import DetectionDataset
from engine.data.audits.boxes import coverage, picture_sizes
from engine.data.boxes.dataset import AnnotatedSplit

SPLIT_COLOURS = {"train": "#d2691e", "test": "#2c9a72"}
_BAR, _BARS_AROUND = 17, 64
_BINS, _FEWEST_BINS = 48, 12
_HEIGHT = 230

Values = Mapping[str, NDArray[Any]]
"""By split: one number per box, or per picture."""


def class_bars(classes: Sequence[str], counts: Values, *, log: bool) -> Figure:
    """Draw a bar per class, the most frequent on top, by split."""
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


def count_bars(values: Values, title: str) -> Figure:
    """Draw a bar for each integer, as a share of each split."""
    traces = []
    for split, numbers in values.items():
        counts = np.bincount(numbers)
        traces.append({"type": "bar", "uid": split, "name": split, "x": np.arange(len(counts)),
                       "y": counts / max(len(numbers), 1), "customdata": counts.tolist(),
                       "marker": {"color": SPLIT_COLOURS[split]}, "hovertemplate": "%{y:.1%}, %{customdata:,}"})
    layout = _layout(title, "share of the pictures") | {"bargap": 0.3}
    layout["xaxis"] |= {"dtick": 1 if max((len(trace["x"]) for trace in traces), default=0) <= 25 else None}
    return Figure(traces, layout, _HEIGHT, stamp=title)


def histogram(values: Values, title: str, *, log: bool = False, marks: Mapping[str, float] | None = None,
              ticks: Sequence[float] = ()) -> Figure:
    """Draw a histogram per split, as shares; ``marks`` are labelled vertical lines."""
    combined = np.concatenate(list(values.values()))
    if not len(combined):
        return Figure([], _layout(title, ""), _HEIGHT, stamp=title)
    scaled = np.log10(combined) if log else combined
    low, high = float(scaled.min() if log else min(scaled.min(), 0)), float(scaled.max())
    edges = np.linspace(low, high if high > low else low + 1, _bins(len(combined)) + 1)
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
    shown = {name: place for name, place in (marks or {}).items() if combined.min() < place < combined.max()}
    layout |= {"shapes": [{"type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "yref": "paper",
                           "line": {"color": "#8a8178", "width": 1, "dash": "dot"}} for place in shown.values()],
               "annotations": [{"x": np.log10(place) if log else place, "y": 1, "yref": "paper", "text": name,
                                "showarrow": False, "xanchor": "left", "yanchor": "top", "xshift": 3}
                               for name, place in shown.items()]}
    return Figure(traces, layout, _HEIGHT, stamp=f"{title} {log}")


def heatmap(counts: NDArray[Any], boxes: int, width: int, height: int) -> Figure:
    """Draw where boxes lie in a picture, darker where more of them do.

    Args:
        counts: [rows, columns], how many of the ``boxes`` cover each cell.
        width, height: give the aspect ratio.
    """
    colours = SCALES["dark" if st.context.theme.type == "dark" else "light"]
    rows, columns = counts.shape
    trace: dict[str, Any] = {
        "type": "heatmap", "uid": "heatmap", "z": counts / max(boxes, 1), "showscale": False,
        "x": (np.arange(columns) + 0.5) / columns, "y": (np.arange(rows) + 0.5) / rows,
        "colorscale": [[place / (len(colours) - 1), colour] for place, colour in enumerate(colours)],
        "zmin": 0, "hovertemplate": "%{z:.1%} of the boxes<extra></extra>"}
    axis: dict[str, Any] = {"showgrid": False, "showticklabels": False, "fixedrange": True, "constrain": "domain"}
    layout = {"uirevision": "kept", "margin": {"l": 8, "r": 8, "t": 8, "b": 8}, "xaxis": axis | {"range": [0, 1]},
              "yaxis": axis | {"range": [1, 0], "scaleanchor": "x", "scaleratio": height / max(width, 1)}}
    return Figure([trace], layout, 300, stamp="heatmap")


def size_dots(sizes: Sequence[tuple[tuple[int, int], int]]) -> Figure:
    """Draw a dot for each picture size, larger where more pictures have it."""
    most = max(count for _, count in sizes)
    trace: dict[str, Any] = {
        "type": "scatter", "mode": "markers", "uid": "sizes", "x": [width for (_, width), _ in sizes],
        "y": [height for (height, _), _ in sizes], "hoverinfo": "text",
        "hovertext": [f"{width} × {height}<br>{words.counted(count, 'picture')}" for (height, width), count in sizes],
        "marker": {"size": [7 + 21 * (count / most) ** 0.5 for _, count in sizes], "color": "#3a7bd0", "opacity": 0.6}}
    layout = _layout("width in pixels", "height in pixels") | {"hovermode": "closest", "showlegend": False}
    layout["yaxis"] = {"title": {"text": "height in pixels"}, "rangemode": "tozero"}
    layout["xaxis"] |= {"rangemode": "tozero"}
    return Figure([trace], layout, 300, stamp=f"sizes {len(sizes)}")


def _bins(count: int) -> int:
    """Return the number of bins, fewer for small samples, to limit noise."""
    return int(np.clip(1.2 * count**0.5, _FEWEST_BINS, _BINS))


def _layout(x: str, y: str) -> dict[str, Any]:
    layout = share_layout(x, y)
    layout["legend"]["traceorder"] = "normal"
    return layout | {"showlegend": True}


_SMALL, _LARGE = 32, 96
"""COCO's limits: objects below 32² pixels are small, from 96² large."""
_AREAS = tuple(step * 10**power for power in range(8) for step in (1, 3))
_SCALES = ("Logarithmic", "Linear")
_RATIOS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)


def distribution(dataset: DetectionDataset, _folder: str) -> None:
    """Draw all charts, of all boxes or of one class."""
    splits = {"train": dataset.train, "test": dataset.test}
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("Boxes of each class", anchor=False, width="content")
        remember("log", "boxes_log_classes", default=False)
        log = st.toggle("Logarithmic", key="boxes_log_classes", persist_state="session")
    counts = {name: np.bincount(split.annotations.labels, minlength=len(dataset.classes))
              for name, split in splits.items()}
    chart(class_bars(dataset.classes, counts, log=log), key="boxes_classes")
    st.caption(_tail(dataset, counts["train"]))
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("Counts, sizes, shapes and positions", anchor=False, width="content")
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
    """Describe the long tail of the classes in a sentence."""
    order = np.argsort(-counts, kind="stable")
    needed = int(np.searchsorted(np.cumsum(counts[order]), counts.sum() / 2)) + 1
    half = f"{needed} class{'es make' if needed > 1 else ' makes'}"
    few = int((counts < 10).sum())
    rare = f"; {few} {'classes have' if few > 1 else 'class has'} fewer than ten" if few else ""
    return words.plain(f"{half} half of the {counts.sum():,} training boxes; {dataset.classes[order[0]]} has "
                       f"{counts[order[0]]:,}, {dataset.classes[order[-1]]} {counts[order[-1]]:,}{rare}.")


def _per_picture(splits: dict[str, AnnotatedSplit], label: int | None) -> None:
    numbers = {name: np.bincount(split.annotations.picture[_class_mask(split, label)], minlength=len(split))
               for name, split in splits.items()}
    st.subheader("Boxes in a picture", anchor=False)
    chart(count_bars(numbers, "boxes in a picture"), key="boxes_per_picture")
    combined = np.concatenate(list(numbers.values()))
    st.caption(f"{combined.mean():.2f} on average, {combined.max():,} at most; {int((combined == 0).sum()):,} of "
               f"{len(combined):,} pictures have none{' of this class' if label is not None else ''}.")


def _areas(splits: dict[str, AnnotatedSplit], label: int | None) -> None:
    areas = {name: split.annotations.areas[_class_mask(split, label)] for name, split in splits.items()}
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("Area of the boxes", anchor=False, width="content")
        remember("areas", "boxes_area_scale", _SCALES[0], _SCALES)
        scale = st.segmented_control("Scale", _SCALES, required=True,
                                     key="boxes_area_scale", label_visibility="collapsed", persist_state="session")
    log = scale == _SCALES[0]
    chart(histogram(areas, "square pixels", log=log, marks={"32²": _SMALL**2, "96²": _LARGE**2},
                    ticks=_AREAS if log else ()), key="boxes_area")
    combined = np.concatenate(list(areas.values()))
    if len(combined):
        small, large = (combined < _SMALL**2).mean(), (combined >= _LARGE**2).mean()
        st.caption(f"Median {np.median(combined):,.0f}, mean {combined.mean():,.0f} px². By COCO’s definition "
                   f"{small:.0%} are small (below 32²) and {large:.0%} large (96² or more).")


def _aspects(splits: dict[str, AnnotatedSplit], label: int | None) -> None:
    ratios = {}
    for name, split in splits.items():
        x1, y1, x2, y2 = split.annotations.boxes[_class_mask(split, label)].T
        ratios[name] = (x2 - x1) / (y2 - y1)
    st.subheader("Aspect ratio", anchor=False)
    chart(histogram(ratios, "width by height", log=True, marks={"square": 1.0}, ticks=_RATIOS), key="boxes_aspect")
    combined = np.concatenate(list(ratios.values()))
    if len(combined):
        lower, median, upper = np.quantile(combined, (0.25, 0.5, 0.75))
        st.caption(f"Median {median:.2f}; half lie within {lower:.2f} and {upper:.2f}.")


def _places(dataset: DetectionDataset, splits: dict[str, AnnotatedSplit], label: int | None) -> None:
    st.subheader("Positions", anchor=False, help="All pictures are scaled to the same frame; darker where more boxes "
                 "cover it.")
    counts = np.sum([coverage(split, label) for split in splits.values()], axis=0)
    boxes = sum(int(_class_mask(split, label).sum()) for split in splits.values())
    height, width = np.median(np.concatenate([split.sizes for split in splits.values()]), axis=0)
    chart(heatmap(counts, boxes, width, height), key="boxes_places")


def _sizes(dataset: DetectionDataset) -> None:
    sizes = picture_sizes(dataset)
    (height, width), count = sizes[0]
    if len(sizes) == 1:
        st.caption(f"All {count:,} pictures are {width:,} × {height:,} pixels.")
        return
    st.subheader("Sizes of the pictures", anchor=False)
    chart(size_dots(sizes), key="boxes_sizes")
    st.caption(f"{len(sizes):,} sizes; {width:,} × {height:,} is the most frequent, with {count:,} pictures.")


def _class_mask(split: AnnotatedSplit, label: int | None) -> NDArray[np.bool_]:
    labels = split.annotations.labels
    return np.ones(len(labels), np.bool_) if label is None else np.asarray(labels == label)
