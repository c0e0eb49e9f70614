"""What the linter says, as lines with their sources."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.words import plain, sentence
from engine.analysis.lint import Remark

_ICONS = {"warning": ":orange[:material/warning:]", "note": ":gray[:material/info:]"}


def remarks(found: Sequence[Remark]) -> None:
    """A line for each; the source shows where one points at it."""
    for remark in found:
        st.caption(f"{_ICONS[remark.level]} {sentence(remark.message)}",
                   help=f"{plain(remark.source)} · rule {remark.rule}")
