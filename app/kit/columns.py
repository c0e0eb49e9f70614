"""A metric as a column of numbers: its heading, its format, and its values as that format wants them."""

from typing import Any

import streamlit as st

from engine.catalog.metric import Metric

PERCENT = "%.2f %%"
_FORMATS = {"share": PERCENT, "count": "compact", "seconds": "%.0f s", "images/s": "localized", "bytes": "bytes"}
_PLAIN = "%.4g"


def number_column(row: Metric, heading: str = "", width: int | None = None) -> Any:
    """The column of a metric; without a heading under its own."""
    return st.column_config.NumberColumn(heading or row.heading, help=row.help, width=width,
                                         format=_FORMATS.get(row.unit, _PLAIN))


def column_value(row: Metric, value: float | None) -> float | None:
    """A value as the column of its metric wants it: shares as percents."""
    if value is None:
        return None
    return round(value) if row.unit == "images/s" else value * (100 if row.unit == "share" else 1)
