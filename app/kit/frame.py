"""The frame of every page: icon, wordmark, width, style, notices; and elements that all pages use."""

import contextlib
import shutil
from collections.abc import Iterable
from html import escape
from pathlib import Path

import streamlit as st

from app.kit import words
from app.kit.browser import prepare_browser
from app.kit.store import store
from app.kit.writing import write_button
from engine.home import home
from engine.launch.plugins import refresh_plugins
from engine.plugins.catalogs import pending, problems

_HERE = Path(__file__).parent
_ASSETS = _HERE / "assets"
_FREE = 200e6
_READ = "notices_read"


def frame() -> None:
    """Set up the browser tab and the header; called first in every run of the script."""
    st.set_page_config(page_icon=str(_ASSETS / "icon.png"), layout="wide")
    theme = "dark" if st.context.theme.type == "dark" else "light"
    st.logo(str(_ASSETS / f"wordmark-{theme}.svg"), size="medium")
    st.html(_HERE / "style.css")
    prepare_browser()


def heading(title: str, lead: str = "") -> None:
    """Draw a page's title and, below it, one sentence."""
    st.title(title, anchor=False)
    if lead:
        st.caption(lead)


def empty(title: str, advice: str, page: str = "", action: str = "") -> None:
    """Draw the empty state of a page: why there is nothing to show, and a link to continue."""
    from app.kit.navigation import pages

    with st.container(key="empty", horizontal_alignment="center", gap="small"):
        st.subheader(title, anchor=False, text_alignment="center", width="content")
        st.caption(advice, width="content", text_alignment="center")
        if page:
            st.page_link(pages()[page], label=action, icon=":material/arrow_forward:", width="content")


def show_mistake(message: str) -> None:
    """Draw a mistake of the user's below its field; the message is Markdown."""
    st.markdown(f":red[:material/error: {message}]")


def definitions(rows: Iterable[tuple[str, str, str]]) -> None:
    """Draw names with their values and, if given, a smaller note."""
    items = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}" + (f"<small>{escape(note)}</small>" if note else "")
                    + "</dd>" for name, value, note in rows)
    st.html(f'<dl class="dr-facts">{items}</dl>')


def notices() -> None:
    """Draw a line for each notice; those of the store can be dismissed.

    Raises:
        UserError: the store cannot be read.
    """
    _disk()
    _plugins()
    read = store().settings.get(_READ, [])
    for place, message in enumerate(message for message in store().notices() if message not in read):
        with st.container(horizontal=True, vertical_alignment="center", key=f"notice_{place}"):
            st.warning(words.plain(message), icon=":material/info:")
            write_button("Do not show this again", icon=":material/close:", key=f"icon_notice_{place}", type="tertiary",
                         on_click=lambda message=message: store().settings.set(_READ, [*read, message]))


def _plugins() -> None:
    for line in problems():
        st.warning(words.plain(line), icon=":material/extension:")
    if pending():
        _until_known()


@st.fragment
def _until_known() -> None:
    """Rerun the page once new or changed plug-ins have been read."""
    from app.kit.pulse import pulse

    refresh_plugins()
    if not pending():
        st.rerun()
    st.caption(":material/extension: Reading plug-ins…")
    pulse("plugins_pulse", every=1, patience=1)


def _disk() -> None:
    with contextlib.suppress(OSError):
        free = shutil.disk_usage(home()).free
        if free < _FREE:
            st.warning(f"The disk of {words.plain(str(home()))} has {words.size(free)} left. Free some space, or "
                       "checkpoints and results may be lost.", icon=":material/hard_drive:")
