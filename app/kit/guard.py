"""Error handling of pages: a user's mistake is shown as one line, any other exception is logged with a reference."""

import contextlib
from collections.abc import Iterator

import streamlit as st

from app.kit.words import plain, told
from engine.crash_log import explained
from engine.errors import ConfigError


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Show exceptions as one line; Streamlit's own control flow passes through."""
    try:
        yield
    except Exception as error:
        show(error)


def show(error: Exception) -> bool:
    """Show an error as one line, and log it unless the user can fix it; return True, as it is handled."""
    message = told(error) if isinstance(error, ConfigError) else plain(explained(error, detail=False)[1])
    st.error(message, icon=":material/error:")
    return True
