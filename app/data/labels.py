"""Which classes pictures have together, and how many each has."""

import numpy as np
import streamlit as st

from app.charts import Figure, chart
from app.charts.confusion import Matrix, confusion
from app.data.audit import share_layout
from app.data.sheet import pictures_of
from app.kit.address import remember
from app.kit.looks import PALETTE
from engine.data import Dataset
from engine.labels.targets import Ints, co_occurrence

_SPLITS = {"Training": "train", "Test": "test"}
_CELLS = ("Counts", "Per class")
_HEIGHT = 520


def together(dataset: Dataset, _folder: str) -> None:
    """Draw the matrix of co-occurrence, and the number of classes per picture."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        remember("split", "together_split", "Training", _SPLITS)
        split = st.segmented_control("Split", list(_SPLITS), required=True, key="together_split",
                                     label_visibility="collapsed", persist_state="session")
        remember("cells", "together_cells", _CELLS[0], _CELLS)
        cells = st.segmented_control("Cells", _CELLS, required=True, key="together_cells",
                                     label_visibility="collapsed", persist_state="session")
    _, targets = pictures_of(dataset, _SPLITS[str(split)])
    counts = co_occurrence(targets)
    of_row = counts / np.maximum(counts.diagonal()[:, None], 1)
    with st.container(key="split_together"):
        left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Pictures with both classes", anchor=False, help="The diagonal counts those that have the class. "
                     "Per class: of the pictures with the class of the row.")
        chart(confusion(Matrix(dataset.classes, counts, of_row, row="with", column="also with"),
                        share=cells == _CELLS[1], chosen=None, height=_HEIGHT), key="together")
    with right:
        st.subheader("Classes per picture", anchor=False)
        chart(_numbers(targets), key="together_numbers")


def _numbers(targets: Ints) -> Figure:
    counts = np.bincount(targets.sum(axis=1))
    trace = {"type": "bar", "uid": "numbers", "x": list(range(len(counts))), "y": counts / counts.sum(),
             "customdata": counts, "marker": {"color": PALETTE[0]}, "hovertemplate": "%{customdata:,} pictures"}
    return Figure([trace], share_layout("classes per picture", "share of the pictures"), 260, stamp="numbers")
