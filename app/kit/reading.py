"""What a page shows while a data set is read for the first time."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.kit import words
from engine.data.loading import telling


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Say what is being done and for how long, once it takes more than a moment, with a line on how far it has come."""
    stage = st.empty()
    with st.spinner(what, show_time=True), telling(lambda line: stage.caption(words.sentence(line))):
        try:
            yield
        finally:
            stage.empty()
