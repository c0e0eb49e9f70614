"""What changed from one run to another, slice by slice."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.kit import words
from app.kit.columns import PERCENT
from engine.analysis.slices import Change, name_worsened

_CC = st.column_config


def changes_table(changes: Sequence[Change], key: str, test: str) -> None:
    """Draw the changes of a share, largest first, and name the slices that got worse.

    Args:
        key: the metric.
        test: what p is, for its help.
    """
    for line in name_worsened(changes, key):
        st.caption(words.plain(line))
    data = pd.DataFrame([{
        "Slice": f"{change.slicing}: {change.group}", "Before": 100 * change.before, "After": 100 * change.after,
        "Change": 100 * change.change, "p": words.p_value(change.p).removeprefix("= ")} for change in changes])
    st.dataframe(data, hide_index=True, height=min(36 + 35 * len(data), 440), column_config={
        "Before": _CC.NumberColumn(format=PERCENT, width=76), "After": _CC.NumberColumn(format=PERCENT, width=76),
        "Change": _CC.NumberColumn(format="%+.2f", width=70, help="In percentage points."),
        "p": _CC.TextColumn(alignment="right", width=60, help=f"{test}, with Holm's correction over all slices.")})
