"""Runs named in a line, and the way to their curves."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import words
from app.choice import label
from app.navigation import pages, query
from engine.store import Run

_LINKED = 20


def counted(count: int) -> str:
    """``1 run``, ``3 runs``."""
    return f"{count} run{'s' * (count != 1)}"


def link_to(runs: Sequence[Run]) -> None:
    """A link to the curves: of one run with its name, of several with their number."""
    name = words.plain(label(runs[0])) if len(runs) == 1 else counted(len(runs))
    st.page_link(pages()["live"], label=name, query_params=query([run.id for run in runs[:_LINKED]]), width="content")
