"""The views of runs: one by one, in groups, and as charts."""

from collections.abc import Collection, Sequence

import streamlit as st

from app.kit.address import remember
from app.runs.baseline import baseline
from app.runs.charts import scatter
from app.runs.groups import choose_groups, groups_table
from app.runs.mattered import what_mattered
from app.runs.parallel import parallel
from app.runs.table import table
from engine.store import Run

_TABLE, _GROUPS = "Table", "Groups"
_CHARTS = {"Scatter": scatter, "Parallel": parallel, "Importance": what_mattered}


def choose_view() -> str:
    """Draw the choice of the view."""
    views = (_TABLE, _GROUPS, *_CHARTS)
    remember("runs_view", "runs_view", _TABLE, views)
    return str(st.segmented_control("View", views, required=True, key="runs_view", label_visibility="collapsed",
                                    persist_state="session"))


def draw(view: str, runs: Sequence[Run], shown: Sequence[str], marks: Collection[int]) -> list[int]:
    """Draw a view and return the ids of the runs selected in it."""
    if view in _CHARTS:
        return _CHARTS[view](runs, shown)
    if view == _GROUPS:
        return groups_table(runs, choose_groups(runs), shown)
    return table(runs, shown, "runs_table", baseline=baseline(), marked=marks)
