"""What pages ask of the browser itself: its history, shortcuts, pictures opened large, and scrolling."""

from pathlib import Path

import streamlit as st

from app.kit.framework import component

_HERE = Path(__file__).parent
_WANTED = "scroll_to"


def prepare_browser() -> None:
    """Set up what all pages share; called in every run of the script."""
    for name in ("browser", "lightbox"):
        mount = component(f"darkroom_{name}", html=f'<i class="{name}" hidden></i>', css="",
                          js=(_HERE / f"{name}.js").read_text())
        mount(data={}, key=name, on_theme_change=lambda: None)


def scroll_to(key: str) -> None:
    """Scroll to the container with this key once it has been drawn, which :func:`scroll_if_wanted` sees to."""
    st.session_state[_WANTED] = key


def scroll_if_wanted(key: str) -> None:
    """Scroll to the container with this key, if :func:`scroll_to` asked for it since the last time."""
    if st.session_state.get(_WANTED) != key:
        return
    del st.session_state[_WANTED]
    turn = st.session_state["scrolls"] = st.session_state.get("scrolls", 0) + 1
    mount = component("darkroom_scroll", html='<i class="scroll" hidden></i>', css="",
                      js=(_HERE / "scroll.js").read_text())
    mount(data={"key": key}, key=f"scroll_{turn}")
