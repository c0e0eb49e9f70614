"""A picture drawn on the page, or pasted into it."""

import base64
import binascii
from pathlib import Path

import streamlit as st

from app.kit.framework import component

_PREFIX = "data:image/png;base64,"
_LARGEST = 12_000_000
_HTML = ('<div class="pad"><canvas aria-label="Pad to draw on"></canvas>'
         '<button type="button">Clear</button></div>')


def pad(key: str, *, light_on_dark: bool) -> bytes | None:
    """Draw the pad; return the last picture that was drawn or pasted as a PNG file, None if there is none.

    Args:
        light_on_dark: the pen draws as the run's own pictures are.
    """
    here = Path(__file__)
    mount = component("darkroom_pad", html=_HTML, css=here.with_suffix(".css").read_text(),
                      js=here.with_suffix(".js").read_text())
    colours = {"ink": "#ffffff", "paper": "#000000"} if light_on_dark else {"ink": "#000000", "paper": "#ffffff"}
    told = mount(data=colours, key=key, on_picture_change=lambda: None).get("picture")
    kept = f"{key}_picture"
    if told is not None:
        st.session_state[kept] = picture_of(str(told))
    found: bytes | None = st.session_state.get(kept)
    return found


def picture_of(uri: str) -> bytes | None:
    """Decode a PNG's data URI; None if it is empty, too large or none."""
    if not uri.startswith(_PREFIX) or len(uri) > _LARGEST:
        return None
    try:
        return base64.b64decode(uri.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        return None
