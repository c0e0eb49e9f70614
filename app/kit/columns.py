"""A metric as a table column: its heading, its number format, and its values in the unit of that format."""

from typing import Any

import streamlit as st

from engine.catalog.metric import Metric

PERCENT = "%.2f %%"
_FORMATS = {"share": PERCENT, "count": "compact", "seconds": "%.0f s", "images/s": "localized", "bytes": "%.0f MB"}
_PLAIN = "%.4g"


def number_column(row: Metric, heading: str = "", width: int | None = None) -> Any:
    """Return the column of a metric, under its own heading unless one is given."""
    return st.column_config.NumberColumn(heading or row.heading, help=row.help, width=width,
                                         format=_FORMATS.get(row.unit, _PLAIN))


def share_bar(heading: str | None = None, help: str | None = None) -> Any:
    """Return a column of bars for shares, which are given in percent so that all have the same decimals."""
    return st.column_config.ProgressColumn(heading, help=help, format=PERCENT, min_value=0, max_value=100,
                                           color="gray")


def column_value(row: Metric, value: float | None) -> float | None:
    """Convert a value to the unit of its column: shares to percent, bytes to megabytes."""
    if value is None:
        return None
    return round(value) if row.unit == "images/s" else value * row.as_unit.scale
