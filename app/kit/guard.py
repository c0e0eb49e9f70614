"""Error handling of pages: a user's mistake is shown as one line, any other exception is logged with a reference."""

import contextlib
from collections.abc import Iterator

import streamlit as st

from app.kit.words import plain
from engine.crash_log import explained


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Show exceptions as one line; Streamlit's own control flow passes through."""
    try:
        yield
    except Exception as error:
        show(error)


def show(error: Exception) -> bool:
    """Show an error as one line, and log it unless the user can fix it; return True, as it is handled."""
    st.error(plain(explained(error, detail=False)[1]), icon=":material/error:")
    return True
