"""Annotations that look like mistakes: a list, and the selected picture beside it."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.kit import words
from app.kit.address import remember
from app.kit.boxes import crop_around, tile, tiles_of
from engine.data import DetectionDataset
from engine.data.audits.suspects import KINDS, Suspect, suspect_to_dict, suspects
from engine.errors import UserError

_SIDE = 760


def suspect_list(dataset: DetectionDataset, _folder: str) -> None:
    """Draw the kinds with their counts, the list of the chosen kind, and the selected picture."""
    found = _suspects(dataset.fingerprint, dataset)
    numbers = Counter(each.kind for each in found)
    if not found:
        boxes = len(dataset.train.annotations) + len(dataset.test.annotations)
        st.caption(f":green[:material/check_circle:] No suspicious annotations among {boxes:,} boxes: none is empty, "
                   "outside its picture, tiny or duplicated, and every picture has a box.")
        return
    key = f"suspect_kind_{dataset.fingerprint}"
    remember("kind", key, next(iter(numbers)), numbers)
    kind = str(st.segmented_control("Kind", list(numbers), required=True, key=key, persist_state="session",
                                    format_func=lambda kind: f"{KINDS[kind].title} · {numbers[kind]:,}",
                                    label_visibility="collapsed"))
    st.caption(KINDS[kind].meaning)
    shown = [each for each in found if each.kind == kind]
    with st.container(key="split_suspects"):
        left, right = st.columns([2, 3], gap="large")
    with left:
        chosen = _table(dataset, kind, shown)
    with right:
        _picture(dataset, chosen)


def _table(dataset: DetectionDataset, kind: str, shown: Sequence[Suspect]) -> Suspect:
    """Draw the list and return its selected row, initially the first."""
    rows = [suspect_to_dict(dataset, each) for each in shown]
    named_there = all(row["where"][-1].startswith(row["name"]) for row in rows)
    data = pd.DataFrame([{"Split": row["split"], "Annotation": row["where"][-1],
                          **({"Class": " ≠ ".join(dict.fromkeys(row["classes"]))} if row["classes"] else {}),
                          **({} if named_there else {"Picture": row["name"]})} for row in rows])
    state = st.dataframe(data, hide_index=True, on_select="rerun", selection_mode="single-row-required",
                         key=f"suspects_{dataset.fingerprint}_{kind}", height=min(36 * (len(rows) + 1), 560))
    picked = state["selection"]["rows"]
    return shown[picked[0] if picked and picked[0] < len(shown) else 0]


def _picture(dataset: DetectionDataset, suspect: Suspect) -> None:
    split = dataset.split(suspect.split)
    height, width = (int(length) for length in split.sizes[suspect.picture])
    boxes = split.written.annotations
    remember("zoom", "suspect_close", default=False)
    near = st.toggle("Zoom", key="suspect_close", persist_state="session",
                     help="Show only the surroundings of the box.", disabled=not suspect.rows)
    inside = [boxes.boxes[row].clip(0, (width, height, width, height)) for row in suspect.rows]
    crop = crop_around(inside, width, height) if near and inside else None
    try:
        drawn = tile(dataset, suspect.split, suspect.picture, _SIDE, crop=crop, focus=suspect.rows)
    except UserError as error:
        st.caption(words.plain(str(error)))
        return
    st.html(tiles_of([drawn], large=True))
    for row in suspect.rows:
        x1, y1, x2, y2 = boxes.boxes[row].tolist()
        st.caption(words.plain(f"{dataset.classes[boxes.labels[row]]}: {x1:g}, {y1:g} to {x2:g}, {y2:g} in a picture "
                               f"of {width} × {height}; {split.written.where(row)}"))
    annotated_height, annotated_width = split.written.sizes[suspect.picture].tolist()
    if suspect.kind == "size":
        st.caption(f"The annotation gives {annotated_width} × {annotated_height} pixels, the picture has {width} × "
                   f"{height}.")


@st.cache_resource(show_spinner="Reading every picture and box once …", max_entries=8)
def _suspects(fingerprint: str, _dataset: DetectionDataset) -> tuple[Suspect, ...]:
    return suspects(_dataset)
