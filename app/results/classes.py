"""The results of a classifier: metrics, confusion matrix, pictures, calibration, every class."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.charts.confusion import Matrix
from app.kit import words
from app.kit.address import remember
from app.kit.browser import scroll_if_wanted
from app.kit.choice import class_filter
from app.kit.columns import number_column, share_bar
from app.kit.gallery import gallery, results_of
from app.kit.looks import title
from app.kit.store import store
from app.results.calibration import calibration, temperature_of, temperature_toggle
from app.results.choice import choose_evaluation, note, over_epochs
from app.results.matrix import Place, matrix
from app.results.slices import slices_section
from engine.catalog.metric import Metric
from engine.catalog.metrics import CLASS_METRICS, METRICS, computed_metrics
from engine.evaluation.results import Results, trained_on
from engine.evaluation.slices import by_class
from engine.labels.imbalance import imbalance_note
from engine.store import Evaluation, Run

_MOST_IN_A_ROW = 10
_TRAINED = "Trained on"
_SORTS = ("Confidence", "Loss")


def classification_results(run: Run, evaluations: Sequence[Evaluation]) -> None:
    """Draw one of a classifier's evaluations."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="chooser"):
        chosen = choose_evaluation(run, evaluations)
        fitted = temperature_of(str(store().path), run.id, run.revision, chosen.conditions)
        scaled = temperature_toggle(chosen, fitted)
    plain = results_of(str(store().path), run.id, run.revision, chosen.conditions)
    results = plain.at_temperature(fitted.value) if fitted and scaled else plain
    counted = note(run, chosen, f"{len(results.ids):,}")
    st.html(f'<div class="dr-head">{title(run)}<span class="dr-note">{counted}</span></div>')
    metrics_strip(run, results, plain)
    over_epochs(run, evaluations, chosen)
    place = _place(run)
    place.follow_address(len(results.classes))
    _confusion(results, place)
    if (cell := place.chosen) is None:
        misclassified(run, results)
    else:
        pictures_of_cell(run, results, cell)
    calibration(results, plain, fitted)
    slices_section(run, chosen, plain.ids, plain.predictions, by_class(plain.classes, plain.targets))
    st.subheader("Per class", anchor=False)
    per_class(run, results)


def metrics_strip(run: Run, results: Results, plain: Results) -> None:
    """Draw the metrics, the errors below top-1 and top-5, and remarks on metrics that are undefined."""
    rows = computed_metrics(run.task) or {key: row for key, row in METRICS.items() if key in results.metrics}
    with st.grid(in_a_row(len(rows)), min_column_width=100, gap="small", key="metrics"):
        for key, row in rows.items():
            st.metric(row.heading, row.cell(results.metrics.get(key)), _below(key, row, results, plain),
                      delta_color="off", delta_arrow="off", help=row.help)
    st.caption("Other programs call either of two metrics F1. Here **F1** is the mean of the classes' F1, and **F1 of "
               "means** the harmonic mean of macro precision and macro recall.")
    for remark in results.remarks:
        st.caption(words.plain(remark))


def in_a_row(figures: int) -> int:
    """Return how many figures stand in a row, so that none is alone in its row on a wide screen."""
    return -(-figures // -(-figures // _MOST_IN_A_ROW))


def _below(key: str, row: Metric, results: Results, plain: Results) -> str | None:
    """Return the note below a metric: its error, or its value before temperature scaling."""
    if row.complement in results.metrics:
        return f"error {row.cell(results.metrics[row.complement])}"
    before = row.cell(plain.metrics.get(key))
    return None if before == row.cell(results.metrics.get(key)) else f"before {before}"


def _place(run: Run) -> Place:
    return Place(split="split_results", cells="results_cells", chart=f"confusion_{run.id}",
                 pairs=f"cell_{run.id}_pairs", cell=f"cell_{run.id}")


def _confusion(results: Results, place: Place) -> None:
    counts = results.confusion
    drawn = Matrix(results.classes, counts, counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))
    pairs = [(pair.true, pair.predicted, pair.pictures) for pair in results.most_confused(12)]
    matrix(drawn, pairs, place, none="No confusions: every picture is classified correctly.", columns={
        "Share": share_bar("Of the class")})


def pictures_of_cell(run: Run, results: Results, cell: tuple[int, int]) -> None:
    """Draw the pictures of one cell."""
    place = _place(run)
    true, predicted = (results.classes[label] for label in cell)
    with _headline(place) as heading:
        sort = _sort()
        st.button("All misclassified", icon=":material/close:", key="clear_cell", on_click=place.choose, args=(None,))
    rows = results.cell(*cell, sort)
    what = f"{true} classified as {predicted}" if true != predicted else f"{true}, correct"
    heading.subheader(f"{what} · {len(rows):,}", anchor=False, width="content")
    gallery(run, results, rows, place.page)


def misclassified(run: Run, results: Results) -> None:
    """Draw the misclassified pictures, sorted and filtered."""
    place = _place(run)
    with _headline(place) as heading:
        true = class_filter("True class", results.classes, f"true_{run.id}", "true")
        predicted = class_filter("Predicted class", results.classes, f"predicted_{run.id}", "predicted")
        sort = _sort()
    rows = results.misclassified(sort, true, predicted)
    heading.subheader(f"Misclassified · {len(rows):,}", anchor=False, width="content")
    gallery(run, results, rows, place.page)


@contextmanager
def _headline(place: Place) -> Iterator[DeltaGenerator]:
    """Lay out a heading, which is yielded, and beside it the controls that are drawn meanwhile."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute",
                      key=place.pictures):
        heading = st.empty()
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            yield heading
    scroll_if_wanted(place.pictures)


def _sort() -> str:
    """Choose the order of the pictures: highest confidence or highest loss first."""
    remember("sort", "results_sort", "Confidence", _SORTS)
    return str(st.segmented_control("Sort", _SORTS, required=True, key="results_sort",
                                    label_visibility="collapsed", persist_state="session")).lower()


def per_class(run: Run, results: Results) -> None:
    """Draw the metrics of each class, shares as bars."""
    class_table(run, results.per_class, 560)


def class_table(run: Run, rows: Sequence[Mapping[str, Any]], height: int) -> None:
    """Draw the metrics of each class by their keys beside its training pictures, at most ``height`` px high."""
    trained, data = trained_on(run), pd.DataFrame(rows)
    metrics = {key: row for key, row in CLASS_METRICS.items() if key in data}
    if trained.counts:
        data.insert(1, _TRAINED, list(trained.counts))
    data[list(metrics)] = data[list(metrics)].astype(float)
    shares = [key for key, row in metrics.items() if row.unit == "share"]
    data[shares] *= 100
    st.dataframe(data, hide_index=True, height=min(36 + 33 * len(data), height), placeholder=words.DASH, column_config={
        "name": "Class", **{key: share_bar(row.heading, row.help) if key in shares else number_column(row)
                            for key, row in metrics.items()},
        _TRAINED: st.column_config.NumberColumn(format="localized", help="Training pictures of the class.")})
    if note := imbalance_note(trained):
        st.caption(words.plain(note))
