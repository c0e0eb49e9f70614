"""Pictures that occur more than once: how many, where, and whether their labels agree."""

from __future__ import annotations

import numpy as np
import streamlit as st

from app import words
from app.dataview.tiles import Tile, gallery_of
from engine.data import Dataset
from engine.data.audits.audit import Audit
from engine.data.audits.duplicates import Copies, count_copies

_PAGE = 48
_LISTED = 6
_FIGURES = (
    ("train", "Within training", "They weigh more than others while training, and may be in validation too."),
    ("test", "Within test", "They count more than once in the test accuracy."),
    ("both", "In training and test", "The test set shows what was learnt by heart: its accuracy is too high."),
    ("contradictory", "With labels that disagree", "At most one of the labels can be right."),
)


def copies(dataset: Dataset, found: Audit) -> None:
    """The counts, and every such picture, the worst first."""
    counts = count_copies(found.copies)
    with st.grid(4, min_column_width=150, gap="small", key="copies"):
        for name, title, meaning in _FIGURES:
            st.metric(title, words.count(counts[name]), help=meaning)
    total = len(dataset.train_targets) + len(dataset.test_targets)
    if not found.copies:
        st.caption(f":green[:material/check_circle:] Each of the {total:,} pictures is there once: no two are equal in "
                   "every pixel, neither within training or test nor between them.")
        return
    kinds = [title for name, title, _ in _FIGURES if counts[name]]
    kind = st.segmented_control("Which", ["All", *kinds], default="All", required=True, label_visibility="collapsed",
                                key=f"copies_kind_{dataset.fingerprint}") if len(kinds) > 1 else "All"
    shown = [each for each in found.copies if kind == "All" or kind in _kinds(each)]
    pages = max(1, -(-len(shown) // _PAGE))
    key = f"copies_page_{dataset.fingerprint}_{kind}"
    page = min(int(st.session_state.get(key, 1) or 1), pages)
    st.html(gallery_of(copy_tiles(dataset, shown[(page - 1) * _PAGE:page * _PAGE]), wide=True))
    if pages > 1:
        st.pagination(pages, key=key)


def _kinds(each: Copies) -> set[str]:
    """The titles of the figures that it is counted in."""
    return {title for name, title, _ in _FIGURES if name == each.where or (name == "contradictory" and
                                                                         each.contradictory)}


def copy_tiles(dataset: Dataset, shown: list[Copies]) -> list[Tile]:
    """Each picture once, with its classes and all its places."""
    return [_tile(dataset, each) for each in shown]


def _tile(dataset: Dataset, each: Copies) -> Tile:
    images, place = (dataset.train_images, each.train[0]) if each.train else (dataset.test_images, each.test[0])
    notes = tuple(_places(split, ids) for split, ids in (("train", each.train), ("test", each.test)) if ids)
    name = " ≠ ".join(dataset.classes[label] for label in each.labels)
    return Tile(images[np.array([place])][0], name, notes, mark="dr-wrong" if each.contradictory else "")


def _places(split: str, ids: tuple[int, ...]) -> str:
    listed = ", ".join(str(place) for place in ids[:_LISTED])
    more = len(ids) - _LISTED
    return f"{split} {listed}" + (f" and {more} more" if more > 0 else "")
