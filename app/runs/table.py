"""The table of runs: a row a run, whose name leads to its page."""

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.kit.looks import colour, link_colour
from app.kit.navigation import go
from app.runs.columns import MARK, Column, columns_of, frame_of
from engine.store import Run

_ROW, _HEADER, _HIGHEST = 33, 36, 640
_COLOURED = 500
"""Rows up to which runs have their colour: more share twelve colours, and it takes long."""
_CC = st.column_config


def table(runs: Sequence[Run], shown: Sequence[str], key: str, *, baseline: Run | None = None,
          marked: Collection[int] = ()) -> list[int]:
    """Draw the runs and return the ids of the selected ones, in the table's order; a click on a name leaves the page.

    Args:
        baseline: figures are shown as differences from this run's.
        marked: ids of runs in which the doctor found something serious.
    """
    columns = columns_of(runs, shown)
    data = frame_of(runs, columns)
    if "status" in data:
        data["status"] = [[*status, MARK] if run.id in marked else status
                          for run, status in zip(runs, data["status"], strict=True)]
    config = {name: column.config for name, column in columns.items()}
    if baseline is not None:
        config |= _subtract(data, columns, baseline)
    widget, kept = _widget(key, [run.id for run in runs])
    coloured = len(runs) <= _COLOURED
    event: Any = st.dataframe(
        _coloured(data, runs) if coloured else data, column_order=[*["●"] * coloured, "id", *columns],
        column_config={"●": _CC.TextColumn("", width=30, pinned=True), **config,
                       "id": _CC.NumberColumn("#", width=56, format="%d", pinned=True)},
        hide_index=True, key=widget, on_select="rerun", selection_mode=["multi-row", "single-cell"],
        selection_default={"selection": {"rows": kept}}, height=min(_HEADER + _ROW * len(runs), _HIGHEST),
        placeholder="–")
    selection = event["selection"]
    for row, name in selection.get("cells", []):
        if name == "name" and row < len(runs):
            go("run", [runs[row].id])
    return [runs[row].id for row in selection["rows"] if row < len(runs)]


def _coloured(data: pd.DataFrame, runs: Sequence[Run]) -> Any:
    data.insert(0, "●", "●")
    styled = data.style.apply(lambda _: [f"color: {colour(run.id)}" for run in runs], subset=["●"])
    return styled.set_properties(subset=["name"], color=link_colour()) if "name" in data else styled


def _subtract(data: pd.DataFrame, columns: dict[str, Column], baseline: Run) -> dict[str, Any]:
    """Subtract the baseline's figures in place; return how differences are drawn."""
    found = {}
    for name, column in columns.items():
        if column.metric is not None:
            own = column.value(baseline)
            data[name] = pd.to_numeric(data[name]) - (float("nan") if own is None else own)
            found[name] = _CC.NumberColumn(f"Δ {column.title}", format=f"%+.{min(column.metric.digits, 4)}f", width=118)
    return found


def _widget(key: str, ids: list[int]) -> tuple[str, list[int]]:
    """Return the key of the widget that shows these runs, and its initially selected rows.

    Streamlit selects rows, not runs: if the runs change, a new widget takes over the selection of the old one.
    """
    widget, drawn = st.session_state.get(f"{key}_drawn", (key, ids))
    if drawn == ids:
        st.session_state[f"{key}_drawn"] = widget, ids
        return widget, []
    rows = st.session_state.get(widget, {}).get("selection", {}).get("rows", [])
    chosen = {drawn[row] for row in rows if row < len(drawn)}
    widget = f"{key}_{max(ids)}_{len(ids)}_{hash(tuple(ids)):x}"
    st.session_state[f"{key}_drawn"] = widget, ids
    return widget, [row for row, run_id in enumerate(ids) if run_id in chosen]
