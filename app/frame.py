"""What surrounds every page: icon, wordmark, width, style."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_ASSETS = _HERE / "assets"


def frame() -> None:
    """Set up the browser tab and the header; called once at the top of every run of the script."""
    st.set_page_config(page_icon=str(_ASSETS / "icon.png"), layout="wide")
    theme = "dark" if st.context.theme.type == "dark" else "light"
    st.logo(str(_ASSETS / f"wordmark-{theme}.svg"), size="medium")
    st.html(_HERE / "style.css")


def heading(title: str, lead: str = "") -> None:
    """A page's title and, under it, one sentence."""
    st.title(title, anchor=False)
    if lead:
        st.caption(lead)


def empty(title: str, advice: str, page: str = "", action: str = "") -> None:
    """What a page shows when it has nothing to show: why, and the way on."""
    from app.navigation import pages

    with st.container(key="empty", horizontal_alignment="center", gap="small"):
        st.subheader(title, anchor=False, text_alignment="center", width="content")
        st.caption(advice, width="content", text_alignment="center")
        if page:
            st.page_link(pages()[page], label=action, icon=":material/arrow_forward:", width="content")
