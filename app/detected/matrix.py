"""The confusion matrix of a detector, background among its rows and columns, and the classes most confused."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.charts import chart
from app.charts.confusion import Matrix, confusion
from app.detected.errors import cell_key, choose
from engine.boxes.confusion import BACKGROUND
from engine.evaluation.box_results import View
from engine.store import Run

_CC = st.column_config
_LABELLED = 80


def matrix(run: Run, view: View) -> None:
    """The matrix beside the pairs; a click on either chooses a cell."""
    with st.container(key="split_box_matrix"):
        left, right = st.columns([3, 2], gap="large")
    with right:
        st.subheader("Most confused", anchor=False)
        _pairs(run, view)
    with left:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader("Confusion", anchor=False, width="content", help=(
                "Each box counts once, in its column: in the row of the object that it found or covers with another "
                "class, else in the row background. The column background counts objects that no box covers. An object "
                "that two boxes cover counts for both."))
            share = st.segmented_control("Cells", ["Counts", "Per class"], default="Counts", required=True,
                                         key="box_cells", label_visibility="collapsed", persist_state="session")
        found = view.confusion
        drawn = Matrix([*view.classes, BACKGROUND], found.counts, found.shares, "boxes", background=True)
        figure = confusion(drawn, share=share == "Per class", chosen=st.session_state.get(cell_key(run)),
                           height=_height(len(view.classes)), labelled=_LABELLED)
        clicked = chart(figure, key=f"box_confusion_{run.id}")
    if clicked:
        choose(run, (clicked.row, clicked.column))
        st.rerun(scope="fragment")


def _height(classes: int) -> int:
    """Pixels that leave every class room for its name."""
    return min(max(480, 190 + 13 * classes), 1240)


def _pairs(run: Run, view: View) -> None:
    pairs = view.confusion.most_confused()
    if not pairs:
        st.caption("No class is taken for another at these thresholds.")
        return
    shares = view.confusion.shares
    data = pd.DataFrame([{"True": view.classes[true], "Predicted": view.classes[predicted], "Boxes": count,
                          "Share": shares[true, predicted]} for true, predicted, count in pairs])
    key = f"box_pairs_{run.id}"

    def picked() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        if rows:
            choose(run, pairs[rows[0]][:2])

    st.dataframe(data, hide_index=True, key=key, on_select=picked, selection_mode="single-row", column_config={
        "Share": _CC.NumberColumn("Of the class", format="percent", width=90), "Boxes": _CC.NumberColumn(width=60)})
