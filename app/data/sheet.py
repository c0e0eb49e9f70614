"""The contact sheet: a line of pictures per class, or one class page by page."""

from html import escape
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.data.choice import figures_line, source_figure
from app.kit import words
from app.kit.address import remember
from app.kit.choice import class_filter
from app.kit.pictures import Tile, gallery_html, page_at, strip, turn_pages
from engine.data import Dataset
from engine.data.dataset import Images, Targets
from engine.labels.targets import class_counts, of_class, place_texts

_PER_LINE = 26
_CLASSES = 20
_PAGE = 96
_SPLITS = {"Training": "train", "Test": "test"}


def facts(dataset: Dataset, source: Path | None) -> str:
    """Summarise a data set as HTML."""
    _, height, width, channels = dataset.train_images.shape
    colour = "grey" if channels == 1 else "colour"
    shown = [("train", words.count(len(dataset.train_targets))), ("test", words.count(len(dataset.test_targets))),
             ("classes", words.count(len(dataset.classes))), ("pictures", f"{width} × {height} px, {colour}"),
             ("fingerprint", dataset.fingerprint)]
    if dataset.streamed:
        shown.append(("too large for memory", "read on demand"))
    return figures_line([*shown, *source_figure(source)])


def contact_sheet(dataset: Dataset, _folder: str) -> None:
    """Draw all classes, or the chosen one."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        remember("split", "sheet_split", "Training", _SPLITS)
        split = st.segmented_control("Split", list(_SPLITS), required=True, key="sheet_split",
                                     label_visibility="collapsed", persist_state="session")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            label = class_filter("All classes", dataset.classes, f"sheet_class_{dataset.fingerprint}")
            if label is None:
                st.button("Shuffle", icon=":material/shuffle:", on_click=_shuffle, key="sheet_shuffle",
                          help="Show other pictures of each class")
    if label is None:
        _all_classes(dataset, _SPLITS[str(split)])
    else:
        _one_class(dataset, _SPLITS[str(split)], label)


def _shuffle() -> None:
    st.session_state["sheet_draw"] = st.session_state.get("sheet_draw", 0) + 1


def _all_classes(dataset: Dataset, split: str) -> None:
    key = f"sheet_page_{dataset.fingerprint}"
    start = page_at(key, len(dataset.classes), _CLASSES).start
    draw = int(st.session_state.get("sheet_draw", 0))
    st.html(_sheet((dataset.fingerprint, *dataset.classes), split, start, draw, dataset))
    turn_pages(key, len(dataset.classes), _CLASSES)


@st.cache_data(show_spinner=False, max_entries=60)
def _sheet(key: tuple[str, ...], split: str, start: int, draw: int, _dataset: Dataset) -> str:
    counts = {"train": class_counts(_dataset.train_targets, len(_dataset.classes)),
              "test": class_counts(_dataset.test_targets, len(_dataset.classes))}
    most = int((counts["train"] + counts["test"]).max())
    labels = range(start, min(start + _CLASSES, len(_dataset.classes)))
    lines = [_line(_dataset, split, label, draw, int(counts["train"][label]), int(counts["test"][label]), most)
             for label in labels]
    return f'<div class="dr-sheet" data-classes="{len(lines)}">{"".join(lines)}</div>'


def _line(dataset: Dataset, split: str, label: int, draw: int, train: int, test: int, most: int) -> str:
    images, targets = pictures_of(dataset, split)
    here = np.flatnonzero(of_class(targets, label))
    ids = np.sort(np.random.RandomState((draw, label)).permutation(here)[:_PER_LINE])
    name = escape(dataset.classes[label])
    bar = (f'<i class="dr-share"><i class="dr-train" style="width:{100 * train / most:.2f}%"></i>'
           f'<i class="dr-test" style="width:{100 * test / most:.2f}%"></i></i>')
    texts = place_texts(targets[ids], dataset.classes)
    shown = strip(list(images[ids]), [f"{text} · {split} picture {place}"
                                      for text, place in zip(texts, ids, strict=True)]) \
        if len(ids) else '<div class="dr-strip dr-note">no pictures here</div>'
    return (f'<div class="dr-class"><div><b>{name}</b>{bar}<span>{words.count(train)} train · {words.count(test)} test'
            f"</span></div>{shown}</div>")


def _one_class(dataset: Dataset, split: str, label: int) -> None:
    images, targets = pictures_of(dataset, split)
    ids = np.flatnonzero(of_class(targets, label))
    if not len(ids):
        st.caption(f"The {split} pictures have no {words.plain(dataset.classes[label])}.")
        return
    key = f"sheet_one_{dataset.fingerprint}_{split}_{label}"
    shown: NDArray[np.int64] = ids[page_at(key, len(ids), _PAGE)]
    st.html(gallery_html(Tile(image, notes=(f"{place}",), hint=f"{text} · {split} picture {place}")
                         for image, place, text in zip(images[shown], shown, place_texts(
                             targets[shown], dataset.classes), strict=True)))
    turn_pages(key, len(ids), _PAGE)


def pictures_of(dataset: Dataset, split: str) -> tuple[Images, Targets]:
    """Return the pictures and targets of ``train`` or ``test``."""
    return (dataset.train_images, dataset.train_targets) if split == "train" \
        else (dataset.test_images, dataset.test_targets)
