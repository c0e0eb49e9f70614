"""The confusion matrix beside the most confused classes; a click on either selects a cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st

from app.charts import chart
from app.charts.confusion import LABELLED, Matrix, confusion
from app.kit.address import remember, remember_cell
from app.kit.browser import scroll_to

_HEIGHT = 480
_CELLS = ("Counts", "Per class")


@dataclass(frozen=True)
class Place:
    """The widget keys of a matrix, and its selected cell.

    Attributes:
        split, cells, chart, pairs: keys of the columns and the widgets.
        cell: key of the selected cell in the session state.
    """

    split: str
    cells: str
    chart: str
    pairs: str
    cell: str

    @property
    def chosen(self) -> tuple[int, int] | None:
        """The selected cell: its row, the true class, and its column, the predicted one."""
        cell: tuple[int, int] | None = st.session_state.get(self.cell)
        return cell

    def follow_address(self, classes: int) -> None:
        """Select the cell that the address names if the page was just opened with one, and write the selected one."""
        remember_cell(self.cell, classes)

    @property
    def page(self) -> str:
        """Key of the pagination of the selected cell's pictures: another cell begins at its first page."""
        return f"{self.cell}_page_{self.chosen}"

    def choose(self, cell: tuple[int, int] | None) -> None:
        """Select a cell, or none."""
        st.session_state[self.cell] = cell
        scroll_to(self.pictures)

    @property
    def pictures(self) -> str:
        """Key of the heading above the pictures, which a choice scrolls to."""
        return f"{self.cell}_pictures"


def matrix(drawn: Matrix, pairs: Sequence[tuple[int, int, int]], place: Place, *, none: str,
           columns: Mapping[str, Any], help: str | None = None, height: int = _HEIGHT, labelled: int = LABELLED,
           scope: Literal["app", "fragment"] = "app") -> None:
    """Draw the matrix and the list.

    Args:
        pairs: true class, predicted class and count of the cells to list.
        none: caption if there are no pairs.
        columns: column configuration of the list.
        help: tooltip of the matrix.
        scope: what to rerun after a click on the matrix.
    """
    with st.container(key=place.split):
        left, right = st.columns([3, 2], gap="large")
    with right:
        st.subheader("Most confused", anchor=False)
        if pairs:
            _list(drawn, pairs, place, columns)
        else:
            st.caption(none)
    with left:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader("Confusion", anchor=False, width="content", help=help)
            remember("cells", place.cells, "Counts", _CELLS)
            share = st.segmented_control("Cells", _CELLS, required=True, key=place.cells,
                                         label_visibility="collapsed", persist_state="session")
        figure = confusion(drawn, share=share == "Per class", chosen=place.chosen, height=height, labelled=labelled)
        clicked = chart(figure, key=place.chart)
    if clicked:
        place.choose((clicked.row, clicked.column))
        st.rerun(scope=scope)


def _list(drawn: Matrix, pairs: Sequence[tuple[int, int, int]], place: Place, columns: Mapping[str, Any]) -> None:
    data = pd.DataFrame([{"True": drawn.names[true], "Predicted": drawn.names[predicted],
                          drawn.unit.capitalize(): count, "Share": 100 * drawn.shares[true, predicted]}
                         for true, predicted, count in pairs])

    def on_select() -> None:
        rows = st.session_state[place.pairs]["selection"]["rows"]
        if rows:
            place.choose(pairs[rows[0]][:2])

    st.dataframe(data, hide_index=True, key=place.pairs, on_select=on_select, selection_mode="single-row",
                 column_config=dict(columns))
