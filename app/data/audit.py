"""The audit of a data set: statistics, and pictures that occur more than once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from app.charts import Figure, chart
from app.kit import words
from app.kit.address import remember
from app.kit.looks import PALETTE
from app.kit.pictures import Tile, gallery_html, page_at, strip, turn_pages
from engine.data import Dataset
from engine.data.audits.audit import Audit, audit, copy_labels, labels_of
from engine.data.audits.duplicates import Copies, count_copies
from engine.data.audits.leaks import Leak, limits
from engine.data.audits.statistics import SplitStatistics
from engine.labels.targets import place_texts
from engine.words import listed

_EXTREMES = 26
_BINS, _MANY = 66, 3000
_CHANNELS = ("red", "green", "blue")
_CHANNEL_COLOURS = ("#cf4a5c", "#2c9a72", "#3a7bd0")
_PAGE = 48
_LISTED = 6
_LEAKS = 24
_FIGURES = (
    ("train", "Within training", "They have a larger weight in training, and may leak into validation."),
    ("test", "Within test", "They count more than once in the test accuracy."),
    ("both", "In training and test", "A leak: the test set contains memorised pictures, so its accuracy is too high."),
    ("contradictory", "With different labels", "At most one of the labels can be right."),
)


def load_audit(dataset: Dataset) -> Audit:
    """Return the data set's audit, cached in memory and on disk by fingerprint."""
    return _audited(dataset.fingerprint, dataset)


@st.cache_resource(show_spinner="Reading every picture once …", max_entries=4)
def _audited(fingerprint: str, _dataset: Dataset) -> Audit:
    return audit(_dataset)


def figures(dataset: Dataset, _folder: str) -> None:
    """Draw mean pictures, brightness, pixel values, and the pictures with extreme values."""
    found = load_audit(dataset)
    st.subheader("The mean picture of each class", anchor=False)
    st.html(gallery_html(Tile(mean, name) for mean, name in zip(found.train.means, dataset.classes, strict=True)))
    with st.container(key="split_figures"):
        left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Brightness of the pictures", anchor=False)
        chart(_brightness(found), key="brightness")
    with right:
        st.subheader("Pixel values", anchor=False)
        chart(_levels(found.train), key="levels")
    _extremes(dataset, found.train)
    st.subheader("Mean and standard deviation", anchor=False)
    st.dataframe(_table(found), hide_index=True, width=620)
    st.caption("Pixel values are scaled to 0–1. Runs normalise pictures with the values of the training set, unless "
               "they use those of the pretrained weights.")


def _brightness(found: Audit) -> Figure:
    traces = [_share_line(split.brightness, name, colour)
              for name, split, colour in (("train", found.train, PALETTE[0]), ("test", found.test, PALETTE[1]))]
    return Figure(traces, share_layout("mean of a picture, 0 black to 1 white", "share of the pictures"), 260,
                  stamp="brightness")


def _share_line(values: NDArray[np.float32], name: str, colour: str) -> dict[str, Any]:
    bins = _BINS if len(values) > _MANY else _BINS // 3
    counts, edges = np.histogram(values, bins=bins, range=(0, 1))
    return {"type": "scatter", "mode": "lines", "uid": name, "name": name, "x": edges[:-1] + 0.5 / bins,
            "y": counts / max(len(values), 1), "line": {"color": colour, "width": 2},
            "fill": "tozeroy", "fillcolor": f"{colour}22", "hovertemplate": "%{y:.1%}"}


def _levels(split: SplitStatistics) -> Figure:
    names: Sequence[str] = _CHANNELS if len(split.levels) == 3 else ("grey",)
    colours = _CHANNEL_COLOURS if len(split.levels) == 3 else (PALETTE[0],)
    traces = [{"type": "scatter", "mode": "lines", "uid": name, "name": name, "x": np.arange(256), "y": row / row.sum(),
               "line": {"color": colour, "width": 1.6}, "hovertemplate": "%{y:.2%}"}
              for name, row, colour in zip(names, split.levels, colours, strict=True)]
    layout = share_layout("pixel value, 0 to 255", "share of the pixels")
    layout["yaxis"] |= {"type": "log", "dtick": "D2"}
    return Figure(traces, layout | {"showlegend": len(names) > 1}, 260, stamp="levels")


def share_layout(x: str, y: str) -> dict[str, Any]:
    """Return the layout of a chart of shares."""
    return {"uirevision": "kept", "margin": {"l": 48, "r": 8, "t": 8, "b": 36}, "hovermode": "x unified",
            "xaxis": {"title": {"text": x}}, "yaxis": {"title": {"text": y}, "tickformat": "~%", "rangemode": "tozero"},
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}}


def _extremes(dataset: Dataset, split: SplitStatistics) -> None:
    """Draw the training pictures with extreme values, which show recording errors."""
    rows = {"Darkest": split.brightness, "Brightest": -split.brightness, "Least contrast": split.contrast}
    for title, values in rows.items():
        ids = np.argsort(values, kind="stable")[:_EXTREMES]
        st.subheader(title, anchor=False)
        texts = place_texts(dataset.train_targets[ids], dataset.classes)
        hints = [f"{text} · train picture {place}" for text, place in zip(texts, ids, strict=True)]
        st.html(strip(list(dataset.train_images[ids]), hints))
    blank = int((split.contrast == 0).sum())
    if blank:
        st.caption(f":orange[:material/warning:] {blank:,} training pictures are blank: all pixels have one value.")


def _table(found: Audit) -> pd.DataFrame:
    names = _CHANNELS if len(found.train.mean) == 3 else ("grey",)
    return pd.DataFrame([{"Split": name, "Channel": channel, "Mean": f"{mean:.4f}", "Standard deviation": f"{std:.4f}"}
                         for name, split in (("train", found.train), ("test", found.test))
                         for channel, mean, std in zip(names, split.mean, split.std, strict=True)])


def duplicates(dataset: Dataset, _folder: str) -> None:
    """Draw the counts of duplicates, and every duplicate, worst first."""
    found = load_audit(dataset)
    _leaks(dataset, found)
    counts = count_copies(found.copies)
    with st.grid(4, min_column_width=150, gap="small", key="copies"):
        for name, title, meaning in _FIGURES:
            st.metric(title, words.count(counts[name]), help=meaning)
    total = len(dataset.train_targets) + len(dataset.test_targets)
    if not found.copies:
        st.caption(f":green[:material/check_circle:] No exact duplicates among {total:,} pictures, neither within "
                   "training or test nor between them.")
        return
    kinds = [title for name, title, _ in _FIGURES if counts[name]]
    kind = _which(["All", *kinds], f"copies_kind_{dataset.fingerprint}") if len(kinds) > 1 else "All"
    shown = [each for each in found.copies if kind == "All" or kind in _kinds(each)]
    key = f"copies_page_{dataset.fingerprint}_{kind}"
    st.html(gallery_html((copy_tile(dataset, each) for each in shown[page_at(key, len(shown), _PAGE)]), wide=True))
    turn_pages(key, len(shown), _PAGE)


def _which(kinds: Sequence[str], key: str) -> str:
    remember("kind", key, kinds[0], kinds)
    return str(st.segmented_control("Which", kinds, required=True, label_visibility="collapsed", key=key,
                                    persist_state="session"))


def _leaks(dataset: Dataset, found: Audit) -> None:
    """Draw how many test pictures leak, and each near copy: the training picture, then the test picture."""
    if found.leaked:
        st.markdown(f":orange[:material/warning:] **{len(found.leaked):,} of {len(dataset.test_targets):,} test "
                    f"pictures are among the training pictures**, {len(found.leaks):,} of them compressed, resized, "
                    "mirrored, cropped or brightened. Results also tell the accuracy without them.")
    elif not limits(found.least_likeness):
        st.caption(":green[:material/check_circle:] No test picture was found among the training pictures, also not "
                   "compressed, resized, mirrored, cropped or brightened.")
    if limit := limits(found.least_likeness):
        st.caption(limit)
    if found.leaks:
        ordered = sorted(found.leaks, key=lambda leak: (len(labels_of(dataset, leak)) == 1, -leak.likeness))
        key = f"leaks_page_{dataset.fingerprint}"
        shown = ordered[page_at(key, len(ordered), _LEAKS, "leaks")]
        st.subheader("Training picture and test picture", anchor=False)
        st.html(gallery_html((tile for leak in shown for tile in _pair(dataset, leak)), wide=True))
        turn_pages(key, len(ordered), _LEAKS)
        st.subheader("Equal pixels", anchor=False)


def _pair(dataset: Dataset, leak: Leak) -> tuple[Tile, Tile]:
    train, test = (images[np.array([place])][0] for images, place in (
        (dataset.train_images, leak.train), (dataset.test_images, leak.test)))
    train_class, *other = labels_of(dataset, leak)
    test_class = other[0] if other else train_class
    mark = "" if train_class == test_class else "dr-wrong"
    alike = f"{'mirrored, ' * leak.mirrored}{leak.likeness:.0%} alike"
    shown = test_class if train_class == test_class else f"≠ {test_class}"
    return (Tile(train, train_class, (f"train {leak.train}",), mark=mark),
            Tile(test, shown, (f"test {leak.test}", alike), mark=mark))


def _kinds(each: Copies) -> set[str]:
    """Return the titles of the counts that include it."""
    return {title for name, title, _ in _FIGURES if name == each.where or (name == "contradictory" and
                                                                         each.contradictory)}


def copy_tile(dataset: Dataset, each: Copies) -> Tile:
    """Return the tile of a group of duplicates, with its classes and positions."""
    images, place = (dataset.train_images, each.train[0]) if each.train else (dataset.test_images, each.test[0])
    places = (("train", each.train), ("test", each.test))
    notes = tuple(f"{split} {listed(ids, _LISTED)}" for split, ids in places if ids)
    name = " ≠ ".join(copy_labels(dataset, each))
    return Tile(images[np.array([place])][0], name, notes, mark="dr-wrong" if each.contradictory else "")
