"""Precision over recall, how often a class occurs against how well it is detected, and every class's figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app.charts import chart
from app.kit import words
from app.results.boxes.charts import frequency, measured, precision_recall
from app.results.boxes.pictures import learnt_from
from engine.boxes.arrays import Ints
from engine.boxes.confusion import genera
from engine.evaluation.box_results import DetectionResults, View
from engine.store import Run

_CC = st.column_config
_FEW = 8


def curves(run: Run, results: DetectionResults, view: View) -> None:
    """Both figures side by side; a class chosen in either is shown in both."""
    key = f"box_curves_{run.id}_{len(view.classes)}"
    labels = measured(view.per_class)
    if not labels:
        return
    if key not in st.session_state:
        most = sorted(labels, key=lambda label: -view.per_class[label].objects)[:_FEW]
        st.session_state[key] = sorted(most)
    asked = st.session_state.pop(f"{key}_clicked", None)
    if asked is not None:
        st.session_state[key] = [asked]
    with st.container(key="split_box_curves"):
        left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Precision and recall", anchor=False, help=f"Where an IoU of {view.overlap:g} is enough: at each "
                     "recall the best precision at that recall or more, as COCO reads it. A dot is where the score "
                     "threshold is.")
        shown = st.multiselect("Classes", labels, key=key, format_func=view.classes.__getitem__, placeholder="Classes",
                               label_visibility="collapsed", persist_state="session", max_selections=12)
        chart(precision_recall(view.curves, view.classes, view.score_threshold, shown), key=f"box_pr_{run.id}")
    with right:
        st.subheader("Frequency", anchor=False, help="A point a class: how many objects of it there were to learn "
                     "from, and how well it is detected.")
        counts, of = _occurrences(run, results, view)
        chosen = shown[0] if len(shown) == 1 else None
        clicked = chart(frequency(view.per_class, counts.tolist(), of, chosen), key=f"box_frequency_{run.id}")
    if clicked and clicked.trace == "classes":
        st.session_state[f"{key}_clicked"] = labels[clicked.row]
        st.rerun(scope="fragment")


def per_class(view: View) -> None:
    """Each class's figures, those with most objects first."""
    data = pd.DataFrame(view.per_class).sort_values("objects", ascending=False, kind="stable")
    bar: dict[str, Any] = {"format": "percent", "min_value": 0, "max_value": 1, "color": "gray"}
    st.dataframe(data, hide_index=True, height=min(36 + 33 * len(data), 560), placeholder=words.DASH, column_config={
        "name": "Class", "objects": _CC.NumberColumn("Objects"), "boxes": _CC.NumberColumn("Boxes"),
        "precision": _CC.ProgressColumn("Precision", **bar), "recall": _CC.ProgressColumn("Recall", **bar),
        "f1": _CC.ProgressColumn("F1", **bar),
        "average_precision": _CC.ProgressColumn(f"AP@{100 * view.overlap:.0f}", **bar),
        "map": _CC.ProgressColumn("AP@50:95", **bar)})


def _occurrences(run: Run, results: DetectionResults, view: View) -> tuple[Ints, str]:
    """Objects of each class that the run learnt from; in what it is judged by, where that is not known any more."""
    counts = learnt_from(run)
    if counts is None:
        return view.confusion.objects, "these pictures"
    if len(view.classes) == len(results.classes):
        return counts, "training"
    return np.bincount(genera(results.classes)[1], weights=counts).astype(np.int64), "training"
