"""Controls that change the home: grey where it can only be viewed, which the page's notice explains once."""

from typing import Any

import streamlit as st

from app.kit import words
from app.kit.store import store


def write_button(label: str, *, disabled: bool = False, **options: Any) -> bool:
    """Draw a button as :func:`streamlit.button` does."""
    return bool(st.button(label, disabled=disabled or bool(store().read_only), **options))


def measuring(pending: bool) -> str:
    """Return ``measuring…`` while a measurement is on its way; in a home that is only viewed none is kept."""
    return "measuring…" if pending and not store().read_only else words.DASH
