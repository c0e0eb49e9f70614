"""Error handling of pages: a user's mistake is shown as one line, any other exception is logged with a reference."""

import contextlib
import logging
import secrets
from collections.abc import Iterator
from functools import lru_cache

import streamlit as st

from app.kit.words import plain
from engine.errors import user_message
from engine.home import artifacts_dir


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Show exceptions as one line; Streamlit's own control flow passes through."""
    try:
        yield
    except Exception as error:
        show(error)


def show(error: Exception) -> bool:
    """Show an error as one line, and log it unless the user can fix it; return True, as it is handled."""
    if known := user_message(error):
        st.error(plain(known), icon=":material/error:")
        return True
    reference = secrets.token_hex(3)
    log().error("dashboard error %s", reference, exc_info=error)
    st.error(f"Something went wrong on this page; nothing was lost. The log `{log_path()}` has the "
             f"details under **{reference}**.", icon=":material/error:")
    return True


def log_path() -> str:
    return str(artifacts_dir() / "dashboard.log")


@lru_cache(maxsize=1)
def log() -> logging.Logger:
    """Return the dashboard's log, a file beside the runs; standard error if that cannot be written."""
    logger = logging.getLogger("darkroom")
    try:
        artifacts_dir().mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.FileHandler(log_path(), delay=True)
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    return logger
