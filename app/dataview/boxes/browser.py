"""The pictures with their boxes, page by page."""

from __future__ import annotations

import numpy as np
import streamlit as st

from app import words
from app.dataview.boxes.drawing import tile, tiles_of
from app.gallery import class_filter
from engine.boxes.arrays import Ints
from engine.data import DetectionDataset
from engine.data.boxes.dataset import AnnotatedSplit
from engine.errors import UserError

_SPLITS = {"Training": "train", "Test": "test"}
_SIZES = {"Small": (260, 24), "Large": (640, 6)}
_ORDERS = ("By name", "Most boxes", "Fewest boxes", "Smallest box", "Largest box")


def browser(dataset: DetectionDataset) -> None:
    """Those of a split that show the chosen class, in the chosen order."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        split = _SPLITS[str(st.segmented_control("Split", list(_SPLITS), default="Training", required=True,
                                                 key="sheet_split", label_visibility="collapsed",
                                                 persist_state="session"))]
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            label = class_filter("All classes", dataset.classes, f"sheet_class_{dataset.fingerprint}")
            order = str(st.selectbox("Order", _ORDERS, key="boxes_order", label_visibility="collapsed", width=150,
                                     persist_state="session"))
            size = str(st.segmented_control("Size", list(_SIZES), default="Small", required=True, key="boxes_size",
                                            label_visibility="collapsed", persist_state="session"))
    side, page_of = _SIZES[size]
    ids = pictures_shown(dataset.split(split), label, order)
    if not len(ids):
        st.caption(f"The {split} pictures have no {words.plain(dataset.classes[label or 0])}.")
        return
    pages = -(-len(ids) // page_of)
    key = f"boxes_page_{dataset.fingerprint}_{split}_{label}_{order}_{size}"
    page = min(int(st.session_state.get(key, 1) or 1), pages)
    try:
        st.html(tiles_of((tile(dataset, split, int(place), side) for place in ids[(page - 1) * page_of:page * page_of]),
                         large=size == "Large"))
    except UserError as error:
        st.caption(words.plain(str(error)))
    if pages > 1:
        st.pagination(pages, key=key)
    st.caption(f"{len(ids):,} pictures. Each class has its colour; point at a box to read its class. Difficult boxes "
               "are dashed.")


def pictures_shown(split: AnnotatedSplit, label: int | None, order: str) -> Ints:
    """Positions of the pictures that show a class (None: all), in one of the orders."""
    boxes = split.annotations
    wanted = np.arange(len(boxes)) if label is None else np.flatnonzero(boxes.labels == label)
    ids = np.arange(len(split), dtype=np.int64) if label is None else np.unique(boxes.picture[wanted])
    counts = np.bincount(boxes.picture[wanted], minlength=len(split))
    smallest, largest = np.full(len(split), np.inf), np.full(len(split), -np.inf)
    np.minimum.at(smallest, boxes.picture[wanted], boxes.areas[wanted])
    np.maximum.at(largest, boxes.picture[wanted], boxes.areas[wanted])
    ranks = {"Most boxes": -counts, "Fewest boxes": counts, "Smallest box": smallest, "Largest box": -largest}
    return ids[np.argsort(ranks[order][ids], kind="stable")] if order in ranks else ids
