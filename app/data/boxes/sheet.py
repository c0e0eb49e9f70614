"""Pictures with their boxes, page by page."""

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from app.data.batch import BatchView, batch_line, show_batch
from app.data.choice import figures_line, source_figure
from app.kit import words
from app.kit.address import remember
from app.kit.boxes import Crop, Drawn, hue, named_labels, panes, tile, tiles_of
from app.kit.choice import class_filter
from app.kit.pictures import data_uri, page_at, turn_pages
from engine.boxes.arrays import Ints
from engine.data import DetectionDataset
from engine.data.boxes.dataset import AnnotatedSplit
from engine.errors import UserError

_SPLITS = {"Training": "train", "Test": "test"}
_SIZES = {"Small": (260, 24), "Large": (640, 6)}
_ORDERS = ("By name", "Most boxes", "Fewest boxes", "Smallest box", "Largest box")


def facts(dataset: DetectionDataset, source: Path | None) -> str:
    """Summarise a data set as HTML."""
    train, test = dataset.train, dataset.test
    height, width = np.median(np.concatenate((train.sizes, test.sizes)), axis=0)
    shown = [("train", words.count(len(train))), ("test", words.count(len(test))),
             ("classes", words.count(len(dataset.classes))),
             ("boxes", words.count(len(train.annotations) + len(test.annotations))),
             ("pictures", f"{width:.0f} × {height:.0f} px"), ("fingerprint", dataset.fingerprint)]
    return figures_line([*shown, *source_figure(source)])


def contact_sheet(dataset: DetectionDataset, _folder: str) -> None:
    """Draw the pictures of a split with the chosen class, in the chosen order."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        remember("split", "sheet_split", "Training", _SPLITS)
        split = _SPLITS[str(st.segmented_control("Split", list(_SPLITS), required=True, key="sheet_split",
                                                 label_visibility="collapsed", persist_state="session"))]
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            label = class_filter("All classes", dataset.classes, f"sheet_class_{dataset.fingerprint}")
            remember("order", "boxes_order", _ORDERS[0], _ORDERS)
            remember("size", "boxes_size", "Small", _SIZES)
            order = str(st.selectbox("Order", _ORDERS, key="boxes_order", label_visibility="collapsed", width=150,
                                     persist_state="session"))
            size = str(st.segmented_control("Size", list(_SIZES), required=True, key="boxes_size",
                                            label_visibility="collapsed", persist_state="session"))
    side, per_page = _SIZES[size]
    ids = pictures_shown(dataset.split(split), label, order)
    if not len(ids):
        st.caption(f"The {split} pictures have no {words.plain(dataset.classes[label or 0])}.")
        return
    key = f"boxes_page_{dataset.fingerprint}_{split}_{label}_{order}_{size}"
    try:
        st.html(tiles_of((tile(dataset, split, int(place), side) for place in ids[page_at(key, len(ids), per_page)]),
                         large=size == "Large"))
    except UserError as error:
        st.caption(words.plain(str(error)))
    turn_pages(key, len(ids), per_page)
    st.caption(f"{len(ids):,} pictures. Each class has a colour; hover over a box to read its class. Difficult boxes "
               "are dashed.")


def pictures_shown(split: AnnotatedSplit, label: int | None, order: str) -> Ints:
    """Return the indices of the pictures with a class (None: all), in one of the orders."""
    boxes = split.annotations
    wanted = np.arange(len(boxes)) if label is None else np.flatnonzero(boxes.labels == label)
    ids = np.arange(len(split), dtype=np.int64) if label is None else np.unique(boxes.picture[wanted])
    counts = np.bincount(boxes.picture[wanted], minlength=len(split))
    smallest, largest = np.full(len(split), np.inf), np.full(len(split), -np.inf)
    np.minimum.at(smallest, boxes.picture[wanted], boxes.areas[wanted])
    np.maximum.at(largest, boxes.picture[wanted], boxes.areas[wanted])
    ranks = {"Most boxes": -counts, "Fewest boxes": counts, "Smallest box": smallest, "Largest box": -largest}
    return ids[np.argsort(ranks[order][ids], kind="stable")] if order in ranks else ids


_SIDE = 420


def _read(folder: Path) -> dict[str, Any]:
    with np.load(folder / "pictures.npz") as arrays:
        return {"seen": [arrays[str(place)] for place in range(len(arrays.files))]}


def _show(made: dict[str, Any]) -> None:
    sides = sorted({f"{image.shape[1]} × {image.shape[0]}" for image in made["seen"]})
    shape = f"{len(made['seen'])} of 3 × " + (sides[0] if len(sides) == 1 else f"{sides[0]} and other sizes")
    st.html(batch_line(made, shape))
    st.html(tiles_of(_tile(made, place) for place in range(len(made["seen"]))))


def _tile(made: dict[str, Any], place: int) -> str:
    image, labels = made["seen"][place], made["labels"][place]
    height, width = image.shape[:2]
    drawn = [Drawn(box, made["classes"][label], hue(label))
             for box, label in zip(made["boxes"][place], labels, strict=True)]
    return (f'<figure>{panes(data_uri(image, _SIDE), Crop(0, 0, width, height), (drawn,))}<figcaption>'
            f'{named_labels(made["classes"], labels)}<span>{width} × {height} px</span></figcaption></figure>')


_VIEW = BatchView("preview", ("augmentation", "image_size", "batch_size", "empty_pictures", "unreadable",
                                "train_fraction", "seed"), _read, _show)


def pictures(dataset: DetectionDataset, folder: str) -> None:
    """Draw a batch of pictures with their target boxes."""
    show_batch(dataset, folder, _VIEW)
