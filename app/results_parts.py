"""The parts of the results page."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app import words
from app.charts import chart
from app.charts.confusion import Matrix, confusion
from app.gallery import class_filter, gallery
from app.metric_columns import number_column
from app.stored import store
from engine.catalog.metric import Metric
from engine.catalog.metrics import CLASS_METRICS, computed
from engine.evaluation.conditions import SPLITS, checkpoint_in_words, in_words
from engine.evaluation.results import Results, load_results
from engine.store import Conditions, Run

_CC = st.column_config


@st.cache_resource(show_spinner=False, max_entries=8)
def results_of(path: str, run_id: int, revision: int, conditions: Conditions) -> Results:
    """A run's results, read again only after the run has changed."""
    return load_results(store(), store().runs.get(run_id), conditions)


def note(run: Run, results: Results) -> str:
    """What is shown, in a line."""
    conditions = results.evaluation.conditions
    pictures = f"{conditions.dataset} {conditions.data_path}".strip() or str(run.config["dataset"])
    seen = "" if in_words(conditions) == "as they are" else f" · seen {in_words(conditions)}"
    split = SPLITS[results.split].split()[0].lower()
    return escape(f"{len(results.ids):,} {split} pictures of {pictures} · "
                  f"{checkpoint_in_words(results.evaluation)}{seen}")


def metrics_strip(results: Results, plain: Results) -> None:
    """The figures of all pictures, under top-1 and top-5 their errors, and what means nothing with the reason."""
    rows = computed("classification")
    with st.grid(len(rows), min_column_width=100, gap="small", key="metrics"):
        for key, row in rows.items():
            st.metric(row.heading, row.cell(results.metrics.get(key)), _below(key, row, results, plain),
                      delta_color="off", delta_arrow="off", help=row.help)
    st.caption("Two figures are called F1 elsewhere: **F1** here is the mean of the classes' F1, **F1 of means** the "
               "harmonic mean of the precision and the recall beside it.")
    for remark in results.remarks:
        st.caption(words.plain(remark))


def _below(key: str, row: Metric, results: Results, plain: Results) -> str | None:
    """What stands under a figure: an error, or what it was before temperature scaling changed it."""
    if row.complement in results.metrics:
        return f"error {row.cell(results.metrics[row.complement])}"
    before = row.cell(plain.metrics.get(key))
    return None if before == row.cell(results.metrics.get(key)) else f"before {before}"


def matrix(run: Run, results: Results) -> tuple[int, int] | None:
    """The confusion matrix and the most confused pairs; the chosen cell."""
    key = f"cell_{run.id}"
    with st.container(key="split_results"):
        left, right = st.columns([3, 2], gap="large")
    with right:
        st.subheader("Most confused", anchor=False)
        _pairs(results, key)
    with left:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader("Confusion", anchor=False, width="content")
            share = st.segmented_control("Cells", ["Counts", "Per class"], default="Counts", required=True,
                                         key="results_cells", label_visibility="collapsed", persist_state="session")
        counts = results.confusion
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        figure = confusion(Matrix(results.classes, counts, shares), share=share == "Per class",
                           chosen=st.session_state.get(key))
        clicked = chart(figure, key=f"confusion_{run.id}")
        if clicked:
            choose(run, (clicked.row, clicked.column))
            st.rerun()
    chosen: tuple[int, int] | None = st.session_state.get(key)
    return chosen


def choose(run: Run, cell: tuple[int, int] | None) -> None:
    """Choose a cell of the matrix, or none; its pictures start at the first page."""
    st.session_state[f"cell_{run.id}"] = cell
    st.session_state[f"page_{run.id}"] = 1


def _pairs(results: Results, key: str) -> None:
    pairs = results.most_confused(12)
    if not pairs:
        st.caption("Nothing was confused: every test picture is classified right.")
        return
    data = pd.DataFrame([{"True": results.classes[pair.true], "Predicted": results.classes[pair.predicted],
                          "Pictures": pair.pictures, "Share": pair.share} for pair in pairs])

    def picked() -> None:
        rows = st.session_state[f"{key}_pairs"]["selection"]["rows"]
        if rows:
            st.session_state[key] = (pairs[rows[0]].true, pairs[rows[0]].predicted)
            st.session_state[key.replace("cell", "page")] = 1

    st.dataframe(data, hide_index=True, key=f"{key}_pairs", on_select=picked, selection_mode="single-row",
                 column_config={"Share": _CC.ProgressColumn("Of the class", format="percent", min_value=0, color="gray",
                                                            max_value=1)})


def pictures_of_cell(run: Run, results: Results, cell: tuple[int, int]) -> None:
    """Exactly the pictures of one cell."""
    rows = results.cell(*cell)
    true, predicted = (results.classes[label] for label in cell)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        what = f"{true} taken for {predicted}" if true != predicted else f"{true}, recognised"
        st.subheader(f"{what} · {len(rows)}", anchor=False, width="content")
        st.button("All misclassified", icon=":material/close:", on_click=choose, args=(run, None), key="clear_cell")
    gallery(run, results, rows, f"page_{run.id}")


def misclassified(run: Run, results: Results) -> None:
    """The wrong pictures, sorted and filtered."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        place = st.empty()
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            true = class_filter("True class", results.classes, f"true_{run.id}")
            predicted = class_filter("Predicted class", results.classes, f"predicted_{run.id}")
            sort = st.segmented_control("Sort", ["Confidence", "Loss"], default="Confidence", required=True,
                                        key="results_sort", label_visibility="collapsed", persist_state="session")
    rows = results.misclassified(str(sort).lower(), true, predicted)
    place.subheader(f"Misclassified · {len(rows)}", anchor=False, width="content")
    gallery(run, results, rows, f"page_{run.id}")


def per_class(results: Results) -> None:
    """Each class's figures, shares as bars."""
    data = pd.DataFrame(results.per_class)
    data[list(CLASS_METRICS)] = data[list(CLASS_METRICS)].astype(float)
    bar: dict[str, Any] = {"format": "percent", "min_value": 0, "max_value": 1, "color": "gray"}
    st.dataframe(data, hide_index=True, height=min(36 + 33 * len(data), 560), placeholder=words.DASH, column_config={
        "name": "Class", **{key: _CC.ProgressColumn(row.heading, help=row.help, **bar) if row.unit == "share"
                            else number_column(row) for key, row in CLASS_METRICS.items()}})
