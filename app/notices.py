"""What is worth knowing on every page: what happened to the store, and a disk that is nearly full."""

from __future__ import annotations

import contextlib
import shutil

import streamlit as st

from app import words
from app.pulse import pulse
from app.stored import store
from engine.home import home
from engine.launch.plugins import look_at_plugins
from engine.plugins.catalogs import pending, problems

_FREE = 200 * 2**20
_READ = "notices_read"


def notices() -> None:
    """Draw them, each a line; what the store says can be put away.

    Raises:
        UserError: the store cannot be read.
    """
    _disk()
    _plugins()
    read = store().settings.get(_READ, [])
    for place, message in enumerate(message for message in store().notices() if message not in read):
        with st.container(horizontal=True, vertical_alignment="center", key=f"notice_{place}"):
            st.warning(words.plain(message), icon=":material/info:")
            st.button(":material/close:", key=f"notice_read_{place}", help="Do not show this again", type="tertiary",
                      on_click=lambda message=message: store().settings.set(_READ, [*read, message]))


def _plugins() -> None:
    for line in problems():
        st.warning(words.plain(line), icon=":material/extension:")
    if pending():
        _until_known()


@st.fragment
def _until_known() -> None:
    """Draw the page again when what new or changed plug-ins declare is known."""
    look_at_plugins()
    if not pending():
        st.rerun()
    st.caption(":material/extension: Reading plug-ins…")
    pulse("plugins_pulse", every=1, patience=1)


def _disk() -> None:
    with contextlib.suppress(OSError):
        free = shutil.disk_usage(home()).free
        if free < _FREE:
            st.warning(f"The disk that holds {words.plain(str(home()))} has {words.size(free)} left: make room, or "
                       "checkpoints and results may soon be lost.", icon=":material/hard_drive:")
