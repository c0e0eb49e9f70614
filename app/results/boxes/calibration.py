"""Calibration of a detector: how often boxes of a score found an object."""

import pandas as pd
import streamlit as st

from app.charts import chart
from app.kit import words
from app.kit.columns import PERCENT
from app.kit.frame import definitions
from app.results.calibration import EXPLAINED, reliability_figure, verdict
from engine.evaluation.box_results import View
from engine.store import Run

_CC = st.column_config


def box_calibration(run: Run, view: View) -> None:
    """Draw the reliability diagram of the boxes that are shown, and their calibration by size."""
    found = view.reliability
    boxes = int(found.pictures.sum())
    if not boxes:
        return
    st.subheader("Calibration", anchor=False, help="A box is right if it found an object of its class, at the chosen "
                 "thresholds; a second box on the same object is wrong.")
    score, precision = (float(values @ found.pictures) / boxes for values in (found.confidence, found.accuracy))
    with st.container(key="split_box_calibration"):
        left, right = st.columns([3, 2], gap="large")
    with left:
        chart(reliability_figure(found, "score", "precision", "boxes"), key=f"box_reliability_{run.id}")
    with right:
        definitions([("Mean score", words.percent(score), ""), ("Precision", words.percent(precision), ""),
                     ("Overall", verdict(score, precision), ""),
                     ("D-ECE", words.percent(found.error), f"{boxes:,} boxes from score {view.score_threshold:.2f}")])
        st.caption(f"{EXPLAINED.format('score', 'precision')} D-ECE is the mean gap between them (Küppers et al., "
                   "2020).")
        _by_size(view)


def _by_size(view: View) -> None:
    data = pd.DataFrame([{"Boxes": f"{row.size} · {row.boxes:,}", "Score": 100 * row.score,
                          "Precision": 100 * row.precision, "D-ECE": 100 * row.error}
                         for row in view.calibration_by_size])
    share = _CC.NumberColumn(format=PERCENT)
    st.dataframe(data, hide_index=True, column_config={
        "Boxes": _CC.TextColumn(help="Small: up to 32² square pixels of the original pictures; large: from 96²."),
        "Score": share, "Precision": share, "D-ECE": share})
