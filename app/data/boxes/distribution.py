"""What the boxes are like on the whole: classes, numbers, areas, shapes, places."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.charts import chart
from app.data.boxes.charts import class_bars, numbers_of, places, sizes_of, spread
from app.kit import words
from app.kit.choice import class_filter
from engine.data import DetectionDataset
from engine.data.audits.boxes import coverage, picture_sizes
from engine.data.boxes.dataset import AnnotatedSplit

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
