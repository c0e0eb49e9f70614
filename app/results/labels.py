"""The results for pictures with any number of classes."""

from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.charts import chart
from app.charts.chart import Figure
from app.charts.confusion import Matrix, confusion
from app.kit import words
from app.kit.address import remember
from app.kit.choice import class_filter
from app.kit.gallery import PAGE, picture, pictures_of, tiled
from app.kit.looks import title
from app.kit.pictures import page_at, turn_pages
from app.kit.store import store
from app.results.choice import choose_evaluation, note, over_epochs
from app.results.classes import class_table
from app.results.slices import slices_section
from engine.catalog.metrics import computed_metrics
from engine.errors import UserError
from engine.evaluation.label_results import KINDS, LabelResults, load_label_results
from engine.labels.targets import NO_CLASS, Ints
from engine.store import Conditions, Evaluation, Run

_HEIGHT = 440
_CELLS = ("Counts", "Per class")
_TOGETHER = ("True", "Predicted")


@st.cache_resource(show_spinner=False, max_entries=8)
def results_of(path: str, run_id: int, revision: int, conditions: Conditions) -> LabelResults:
    """Return a run's results, cached until the run changes."""
    return load_label_results(store(), store().runs.get(run_id), conditions)


def label_results(run: Run, evaluations: Sequence[Evaluation]) -> None:
    """Draw one of a run's evaluations."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="chooser"):
        chosen = choose_evaluation(run, evaluations)
    results = results_of(str(store().path), run.id, run.revision, chosen.conditions)
    counted = note(run, chosen, f"{len(results.predictions.ids):,}")
    st.html(f'<div class="dr-head">{title(run)}<span class="dr-note">{counted}</span></div>')
    _metrics(run, results)
    over_epochs(run, evaluations, chosen)
    with st.container(key="split_labels"):
        left, right = st.columns([4, 3], gap="large")
    with left:
        st.subheader("Per class", anchor=False)
        class_table(run, results.per_class, _HEIGHT)
    with right:
        _together(run, results)
    _errors(run, results)
    slices_section(run, chosen, results.predictions.ids, results.predictions)


def _metrics(run: Run, results: LabelResults) -> None:
    rows = computed_metrics(run.task)
    with st.grid(len(rows), min_column_width=100, gap="small", key="metrics"):
        for key, row in rows.items():
            st.metric(row.heading, row.cell(results.metrics.get(key)), help=row.help)
    for remark in results.remarks:
        st.caption(words.plain(remark))


def _together(run: Run, results: LabelResults) -> None:
    """Draw which classes pictures have together, in truth or as predicted."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("Co-occurrence", anchor=False, width="content", help="Pictures that have both classes; the "
                     "diagonal counts those that have the class. Per class: of those with the class of the row.")
        remember("together", "labels_together", _TOGETHER[0], _TOGETHER)
        which = st.segmented_control("Classes", _TOGETHER, required=True, key="labels_together",
                                     label_visibility="collapsed", persist_state="session")
        remember("cells", "labels_cells", _CELLS[0], _CELLS)
        cells = st.segmented_control("Cells", _CELLS, required=True, key="labels_cells",
                                     label_visibility="collapsed", persist_state="session")
    counts = results.co_occurrence if which == _TOGETHER[0] else results.predicted_together
    chart(co_occurrence_figure(results.classes, counts, share=cells == _CELLS[1]), key=f"together_{run.id}")


def co_occurrence_figure(classes: Sequence[str], counts: Ints, *, share: bool) -> Figure:
    """Return the figure of the pictures that have both of two classes."""
    of_row = counts / np.maximum(counts.diagonal()[:, None], 1)
    return confusion(Matrix(classes, counts, of_row, row="with", column="also with"), share=share, chosen=None,
                     height=_HEIGHT)


def _errors(run: Run, results: LabelResults) -> None:
    """Draw the pictures with errors, or what became of a class."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        heading = st.empty()
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            label = class_filter("All classes", results.classes, f"label_{run.id}", "class")
            kind = "" if label is None else _kind(results, label)
    rows = results.wrong(label, kind)
    what = "With an error" if label is None else f"{results.classes[label]}, {kind}"
    heading.subheader(f"{what} · {len(rows):,}", anchor=False, width="content")
    if label is not None:
        st.caption(KINDS[kind])
    _gallery(run, results, rows, f"labels_page_{run.id}_{label}_{kind}")


def _kind(results: LabelResults, label: int) -> str:
    remember("kind", "labels_kind", next(iter(KINDS)), KINDS)
    counts = {kind: len(results.wrong(label, kind)) for kind in KINDS}
    return str(st.segmented_control("What", list(KINDS), required=True, key="labels_kind", persist_state="session",
                                    label_visibility="collapsed",
                                    format_func=lambda kind: f"{kind.capitalize()} · {counts[kind]:,}"))


def _gallery(run: Run, results: LabelResults, rows: NDArray[np.int64], key: str) -> None:
    if not len(rows):
        st.caption("No pictures here.")
        return
    shown = rows[page_at(key, len(rows), PAGE)]
    try:
        images = pictures_of(run, results.evaluation.conditions, results.predictions.ids[shown])
    except UserError as error:
        st.caption(words.plain(str(error)))
        return
    tiled([_tile(image, results, int(row)) for image, row in zip(images, shown, strict=True)])
    turn_pages(key, len(rows), PAGE)


def _tile(image: NDArray[np.uint8], results: LabelResults, row: int) -> str:
    found = results.predictions
    there, predicted = found.targets[row] > 0, found.predicted[row]
    named = [", ".join(results.classes[label] for label in np.flatnonzero(which).tolist())
             for which in (there, there & ~predicted, ~there & predicted)]
    errors = "".join(f"<span><em>{escape(what)} {escape(names)}</em></span>"
                     for what, names in zip(("missed", "added"), named[1:], strict=True) if names)
    verdict = "wrong" if errors else "right"
    true = named[0] or NO_CLASS
    return (f'<figure class="dr-{verdict}" tabindex="0" title="picture {found.ids[row]}">{picture(image, true)}'
            f"<figcaption><b>{escape(true)}</b>{errors}<span>loss {found.losses[row]:.3g}</span></figcaption></figure>")
