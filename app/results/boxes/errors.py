"""What a detector got wrong, kind by kind or cell by cell, as pictures: what is there beside what was said."""

from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from app.charts.confusion import Matrix
from app.kit import words
from app.kit.boxes import Drawn, Part, around, panes
from app.kit.choice import class_filter
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
_SIDE, _WHOLE = 240, 420


@dataclass(frozen=True)
class KindWords:
    """What a kind of detection is called, and what it means."""

    name: str
    help: str


KINDS = {
    Kind.MISSED: KindWords("Missed", "Objects that no box covers, largest first."),
    Kind.GHOST: KindWords("Ghosts", "Boxes where nothing is, surest first."),
    Kind.WRONG_CLASS: KindWords("Wrong class", "Boxes that cover an object of another class, surest first."),
    Kind.MISPLACED: KindWords("Badly placed", "Boxes that touch an object of their class (IoU of 0.1 or more) and do "
                                              "not cover it, surest first."),
    Kind.BOTH: KindWords("Both", "Boxes that touch an object of another class and cover none, surest first."),
    Kind.DUPLICATE: KindWords("Twice", "Boxes on an object that another box found already, surest first."),
    Kind.FOUND: KindWords("Found", "Boxes that found an object of their class, surest first."),
}


def errors(run: Run, view: View, results: DetectionResults) -> None:
    """The matrix, and the pictures of the cell that is chosen in it, else those of a kind."""
    _confusion(view, _place(run))
    cell = _place(run).chosen
    if cell is None or max(cell) > len(view.classes):
        _by_kind(run, view, results)
    else:
        _of_cell(run, view, results, cell)


def _place(run: Run) -> Place:
    return Place(split="split_box_matrix", cells="box_cells", chart=f"box_confusion_{run.id}",
                 pairs=f"box_pairs_{run.id}", cell=f"box_cell_{run.id}", page=f"box_page_{run.id}")


def _confusion(view: View, place: Place) -> None:
    """Background is among its rows and columns; it is high enough to leave every class room for its name."""
    found = view.confusion
    drawn = Matrix([*view.classes, BACKGROUND], found.counts, found.shares, "boxes", background=True)
    matrix(drawn, found.most_confused(), place, none="No class is taken for another at these thresholds.",
           height=min(max(480, 190 + 13 * len(view.classes)), 1240), labelled=_LABELLED, scope="fragment", columns={
               "Share": _CC.NumberColumn("Of the class", format="percent", width=90),
               "Boxes": _CC.NumberColumn(width=60)}, help=(
               "Each box counts once, in its column: in the row of the object that it found or covers with another "
               "class, else in the row background. The column background counts objects that no box covers. An object "
               "that two boxes cover counts for both."))


def _by_kind(run: Run, view: View, results: DetectionResults) -> None:
    counts = view.judgement.counts
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("Errors", anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            label = class_filter("Class", view.classes, f"box_class_{run.id}_{len(view.classes)}")
            whole = _whole()
    kind = st.segmented_control("Kind", list(KINDS), default=Kind.MISSED, required=True, key=f"box_kind_{run.id}",
                                format_func=lambda kind: f"{KINDS[kind].name} · {counts[kind]:,}",
                                label_visibility="collapsed", persist_state="session")
    st.caption(KINDS[kind].help)
    rows = view.judgement.rows_of(kind)
    missed = kind is Kind.MISSED
    if label is not None:
        rows = rows[_about(view.judgement, rows, label, missed)]
    _gallery(run, view, results, rows, missed=missed, whole=whole)


def _about(judgement: Judgement, rows: Ints, label: int, missed: bool) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which of the rows are about an object of this class, or say it."""
    if missed:
        return np.asarray(judgement.truth.labels[rows] == label)
    objects = judgement.objects[rows]
    there = np.zeros(len(rows), np.bool_)
    there[objects != NO_MATCH] = judgement.truth.labels[objects[objects != NO_MATCH]] == label
    return np.asarray(there | (judgement.detections.labels[rows] == label))


def _of_cell(run: Run, view: View, results: DetectionResults, cell: tuple[int, int]) -> None:
    said, missed = view.confusion.cell(*cell)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(f"{_cell_in_words(view, cell)} · {len(said) + len(missed):,}", anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            whole = _whole()
            st.button("All errors", icon=":material/close:", key="clear_box_cell",
                      on_click=_place(run).choose, args=(None,))
    _gallery(run, view, results, said if len(said) else missed, missed=bool(len(missed)), whole=whole)


def _cell_in_words(view: View, cell: tuple[int, int]) -> str:
    true, predicted = ([*view.classes, BACKGROUND][label] for label in cell)
    if cell[0] == cell[1]:
        return f"{true}, found"
    if predicted == BACKGROUND:
        return f"{true}, not found"
    return f"{predicted} where none is" if true == BACKGROUND else f"{true} taken for {predicted}"


def _whole() -> bool:
    shown = st.segmented_control("Shown", ["Close", "Whole picture"], default="Close", required=True, key="box_whole",
                                 label_visibility="collapsed", persist_state="session")
    return bool(shown == "Whole picture")


def _gallery(run: Run, view: View, results: DetectionResults, rows: Ints, *, missed: bool, whole: bool) -> None:
    if not len(rows):
        st.caption("None.")
        return
    key = _place(run).page
    try:
        pictures = pictures_of(run, results.evaluation.conditions, results.predictions.ids)
        tiles = [_tile(view, pictures, int(row), missed=missed, whole=whole)
                 for row in rows[page_at(key, len(rows), _PAGE)]]
    except UserError as error:
        st.caption(words.plain(str(error)))
        return
    st.caption("On the left :green[what is there], on the right what was said: :orange[the box in question] and, "
               "thinner, all others.")
    st.html(f'<div class="dr-boxes{" dr-whole" if whole else ""}" data-count="{len(tiles)}">{"".join(tiles)}</div>')
    turn_pages(key, len(rows), _PAGE)


def _tile(view: View, pictures: Pictures, row: int, *, missed: bool, whole: bool) -> str:
    judgement = view.judgement
    truth, said = judgement.truth, judgement.detections
    place, detection = (row, NO_MATCH) if missed else (int(judgement.objects[row]), row)
    picture = int(truth.picture[place]) if missed else int(said.picture[detection])
    height, width = pictures.size(picture)
    focus = [*([truth.boxes[place]] if place != NO_MATCH else []), *([] if missed else [said.boxes[row]])]
    part = Part(0, 0, width, height) if whole else around(focus, width, height)
    uri = pictures.part(picture, part, _WHOLE if whole else _SIDE)
    there = [Drawn(truth.boxes[each], view.classes[truth.labels[each]], _there_mark(judgement, each, place))
             for each in range(*truth.rows_of(picture).indices(len(truth)))]
    told = [Drawn(said.boxes[each], f"{view.classes[said.labels[each]]} · {said.scores[each]:.2f}",
                  "dr-focus" if each == detection else "")
            for each in range(*said.rows_of(picture).indices(len(said)))]
    return (f'<figure data-picture="{picture}" data-object="{place}" data-detection="{detection}">'
            f'{panes(uri, part, (there, told))}'
            f'<figcaption>{_caption(view, place, detection)}<span>{escape(pictures.name(picture))}</span></figcaption>'
            "</figure>")


def _there_mark(judgement: Judgement, row: int, focus: int) -> str:
    marks = ["dr-there"] + ["dr-focus"] * (row == focus) + ["dr-difficult"] * bool(judgement.truth.difficult[row])
    return " ".join(marks)


def _caption(view: View, place: int, detection: int) -> str:
    judgement = view.judgement
    true = f"<b>{escape(view.classes[judgement.truth.labels[place]])}</b>" if place != NO_MATCH else "nothing"
    if detection == NO_MATCH:
        left, top, right, bottom = judgement.truth.boxes[place]
        return f"{true}<span>{right - left:.0f} × {bottom - top:.0f} px</span>"
    said = escape(view.classes[judgement.detections.labels[detection]])
    kind, overlap = Kind(judgement.kinds[detection]), judgement.overlaps[detection]
    same = kind in (Kind.FOUND, Kind.MISPLACED, Kind.DUPLICATE)
    named = true if same else f"{true} → <em>{said}</em>"
    facts = f"score {judgement.detections.scores[detection]:.2f}" + (f" · IoU {overlap:.2f}" if overlap else "")
    return f"{named}<span>{facts}</span>"
