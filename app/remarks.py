"""What the linter says, as lines with their sources."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.words import plain
from engine.analysis.lint import Remark

_ICONS = {"warning": ":orange[:material/warning:]", "note": ":gray[:material/info:]"}


def remarks(found: Sequence[Remark]) -> None:
    """A line for each; the source shows where one points at it."""
    for remark in found:
        message = remark.message[0].upper() + remark.message[1:]
        st.caption(f"{_ICONS[remark.level]} {plain(message)}.", help=f"{plain(remark.source)} · rule {remark.rule}")
