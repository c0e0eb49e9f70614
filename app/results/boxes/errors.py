"""The errors of a detector by kind or by cell of the confusion matrix: ground truth beside predictions."""

from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from app.charts.confusion import Matrix
from app.kit import words
from app.kit.address import remember
from app.kit.boxes import Crop, Drawn, crop_around, panes
from app.kit.browser import scroll_if_wanted
from app.kit.choice import class_filter
from app.kit.columns import PERCENT
from app.kit.pictures import page_at, turn_pages
from app.results.boxes.pictures import Pictures, pictures_of
from app.results.matrix import Place, matrix
from engine.boxes.arrays import Ints
from engine.boxes.confusion import BACKGROUND
from engine.boxes.judging import Judgement, Kind
from engine.boxes.matching import NO_MATCH
from engine.errors import UserError
from engine.evaluation.box_results import DetectionResults, View
from engine.store import Run

_CC = st.column_config
_PAGE, _LABELLED = 15, 80
_SIDE, _FULL = 240, 420
_CROP, _WHOLE = "Crop", "Whole picture"


@dataclass(frozen=True)
class KindWords:
    """The title of a kind of detection, and its definition."""

    name: str
    help: str


KINDS = {
    Kind.MISSED: KindWords("Missed", "Objects that no box covers, largest first."),
    Kind.GHOST: KindWords("Background", "Boxes that touch no object, highest score first."),
    Kind.WRONG_CLASS: KindWords("Wrong class", "Boxes that cover an object of another class, highest score first."),
    Kind.MISPLACED: KindWords("Badly localised", "Boxes that touch an object of their class (IoU of 0.1 or more) but "
                                                 "do not cover it, highest score first."),
    Kind.BOTH: KindWords("Class and place", "Boxes that touch an object of another class and cover none, highest score "
                                            "first."),
    Kind.DUPLICATE: KindWords("Duplicate", "Boxes on an object that another box has found already, highest score "
                                           "first."),
    Kind.FOUND: KindWords("Correct", "Boxes that found an object of their class, highest score first."),
}


def errors(run: Run, view: View, results: DetectionResults) -> None:
    """Draw the confusion matrix and the pictures of its selected cell, or of a kind of error."""
    _place(run).follow_address(len(view.classes) + 1)
    _confusion(view, _place(run))
    cell = _place(run).chosen
    if cell is None or max(cell) > len(view.classes):
        _by_kind(run, view, results)
    else:
        _of_cell(run, view, results, cell)


def _place(run: Run) -> Place:
    return Place(split="split_box_matrix", cells="box_cells", chart=f"box_confusion_{run.id}",
                 pairs=f"box_pairs_{run.id}", cell=f"box_cell_{run.id}")


def _confusion(view: View, place: Place) -> None:
    """Draw the confusion matrix with a background row and column, high enough for all class names."""
    found = view.confusion
    drawn = Matrix([*view.classes, BACKGROUND], found.counts, found.shares, "boxes", background=True)
    matrix(drawn, found.most_confused(), place, none="No class is confused with another at these thresholds.",
           height=min(max(480, 190 + 13 * len(view.classes)), 1240), labelled=_LABELLED, scope="fragment", columns={
               "Share": _CC.NumberColumn("Of the class", format=PERCENT, width=90),
               "Boxes": _CC.NumberColumn(width=60)}, help=(
               "Columns are predicted classes. Each box counts once: in the row of the object that it covers, else in "
               "the row background. The column background counts objects that no box covers. An object that two boxes "
               "cover counts for both."))


def _by_kind(run: Run, view: View, results: DetectionResults) -> None:
    counts = view.judgement.counts
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute",
                      key=_place(run).pictures):
        st.subheader("Errors", anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            label = class_filter("Class", view.classes, f"box_class_{run.id}_{len(view.classes)}")
            full = _choose_crop()
    kinds = {described.name: kind for kind, described in KINDS.items()}
    remember("kind", f"box_kind_{run.id}", KINDS[Kind.MISSED].name, kinds)
    named = st.segmented_control("Kind", list(kinds), required=True, key=f"box_kind_{run.id}",
                                 format_func=lambda name: f"{name} · {counts[kinds[name]]:,}",
                                 label_visibility="collapsed", persist_state="session")
    kind = kinds[str(named)]
    st.caption(KINDS[kind].help)
    rows = view.judgement.rows_of(kind)
    missed = kind is Kind.MISSED
    if label is not None:
        rows = rows[_about(view.judgement, rows, label, missed)]
    _gallery(run, view, results, rows, missed=missed, full=full)


def _about(judgement: Judgement, rows: Ints, label: int, missed: bool) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which rows have an object of this class, or predict it."""
    if missed:
        return np.asarray(judgement.truth.labels[rows] == label)
    objects = judgement.objects[rows]
    there = np.zeros(len(rows), np.bool_)
    there[objects != NO_MATCH] = judgement.truth.labels[objects[objects != NO_MATCH]] == label
    return np.asarray(there | (judgement.detections.labels[rows] == label))


def _of_cell(run: Run, view: View, results: DetectionResults, cell: tuple[int, int]) -> None:
    detections, missed = view.confusion.cell(*cell)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute",
                      key=_place(run).pictures):
        st.subheader(f"{_cell_in_words(view, cell)} · {len(detections) + len(missed):,}", anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            full = _choose_crop()
            st.button("All errors", icon=":material/close:", key="clear_box_cell",
                      on_click=_place(run).choose, args=(None,))
    _gallery(run, view, results, detections if len(detections) else missed, missed=bool(len(missed)), full=full)


def _cell_in_words(view: View, cell: tuple[int, int]) -> str:
    true, predicted = ([*view.classes, BACKGROUND][label] for label in cell)
    if cell[0] == cell[1]:
        return f"{true}, found"
    if predicted == BACKGROUND:
        return f"{true}, missed"
    return f"{predicted} on background" if true == BACKGROUND else f"{true} detected as {predicted}"


def _choose_crop() -> bool:
    remember("shown", "box_whole", _CROP, (_CROP, _WHOLE))
    return st.segmented_control("Shown", (_CROP, _WHOLE), required=True, key="box_whole",
                                label_visibility="collapsed", persist_state="session") == _WHOLE


def _gallery(run: Run, view: View, results: DetectionResults, rows: Ints, *, missed: bool, full: bool) -> None:
    scroll_if_wanted(_place(run).pictures)
    if not len(rows):
        st.caption("None.")
        return
    key = _place(run).page
    try:
        pictures = pictures_of(run, results.evaluation.conditions, results.predictions.ids)
        tiles = [_tile(view, pictures, int(row), missed=missed, full=full)
                 for row in rows[page_at(key, len(rows), _PAGE)]]
    except UserError as error:
        st.caption(words.plain(str(error)))
        return
    st.caption("Left: :green[ground truth]. Right: predictions, with :orange[the listed box] highlighted.")
    st.html(f'<div class="dr-boxes{" dr-whole" if full else ""}" data-count="{len(tiles)}">{"".join(tiles)}</div>')
    turn_pages(key, len(rows), _PAGE)


def _tile(view: View, pictures: Pictures, row: int, *, missed: bool, full: bool) -> str:
    judgement = view.judgement
    truth, predicted = judgement.truth, judgement.detections
    target, detection = (row, NO_MATCH) if missed else (int(judgement.objects[row]), row)
    picture = int(truth.picture[target]) if missed else int(predicted.picture[detection])
    height, width = pictures.size(picture)
    focus = [*([truth.boxes[target]] if target != NO_MATCH else []), *([] if missed else [predicted.boxes[row]])]
    crop = Crop(0, 0, width, height) if full else crop_around(focus, width, height)
    uri = pictures.crop(picture, crop, _FULL if full else _SIDE)
    actual = [Drawn(truth.boxes[each], view.classes[truth.labels[each]], _truth_mark(judgement, each, target))
             for each in range(*truth.rows_of(picture).indices(len(truth)))]
    detected = [Drawn(predicted.boxes[each], f"{view.classes[predicted.labels[each]]} · {predicted.scores[each]:.2f}",
                  "dr-focus" if each == detection else "")
            for each in range(*predicted.rows_of(picture).indices(len(predicted)))]
    return (f'<figure data-picture="{picture}" data-object="{target}" data-detection="{detection}">'
            f'{panes(uri, crop, (actual, detected))}'
            f'<figcaption>{_caption(view, target, detection)}<span>{escape(pictures.name(picture))}</span></figcaption>'
            "</figure>")


def _truth_mark(judgement: Judgement, row: int, focus: int) -> str:
    marks = ["dr-there"] + ["dr-focus"] * (row == focus) + ["dr-difficult"] * bool(judgement.truth.difficult[row])
    return " ".join(marks)


def _caption(view: View, target: int, detection: int) -> str:
    judgement = view.judgement
    true = f"<b>{escape(view.classes[judgement.truth.labels[target]])}</b>" if target != NO_MATCH else "background"
    if detection == NO_MATCH:
        left, top, right, bottom = judgement.truth.boxes[target]
        return f"{true}<span>{right - left:.0f} × {bottom - top:.0f} px</span>"
    predicted = escape(view.classes[judgement.detections.labels[detection]])
    kind, overlap = Kind(judgement.kinds[detection]), judgement.overlaps[detection]
    same = kind in (Kind.FOUND, Kind.MISPLACED, Kind.DUPLICATE)
    named = true if same else f"{true} → <em>{predicted}</em>"
    facts = f"score {judgement.detections.scores[detection]:.2f}" + (f" · IoU {overlap:.2f}" if overlap else "")
    return f"{named}<span>{facts}</span>"
