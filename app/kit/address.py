"""What the address carries, so that a reload, a bookmark and a link show the same.

Within a page a changed address replaces the one before (see ``browser.js``), so that one press of Back leaves the page.
The address is read only when a page is opened: later a rerun may still carry an older one than the session has.
"""

from collections.abc import Collection
from typing import Any

import streamlit as st

YES = "yes"
_PAGE, _READ = "address_page", "address_read"
Value = str | bool | tuple[str, ...]


def note_page(page: str) -> None:
    """Note which page is drawn, before it is."""
    if st.session_state.get(_PAGE) != page:
        reopen()
    st.session_state[_PAGE] = page


def reopen() -> None:
    """Read the address again in the next run although the page stays the same."""
    st.session_state[_READ] = set()


def opened_with(name: str) -> str | None:
    """Return what the address says under a name, once after the page was opened; else None."""
    read: set[str] = st.session_state.setdefault(_READ, set())
    if name in read:
        return None
    read.add(name)
    return st.query_params.get(name)


def put(name: str, text: str | None) -> None:
    """Write a text into the address; None removes the name."""
    if text is not None and st.query_params.get(name) != text:
        st.query_params[name] = text
    elif text is None and name in st.query_params:
        del st.query_params[name]


def remember(name: str, key: str, default: Value, options: Collection[str] = ()) -> None:
    """Keep a widget's value in the address; call this before the widget, which must have no default of its own.

    Args:
        name: of the query parameter, which is left out while the value is the default.
        key: of the widget; its session state gets the default.
        default: a text, a truth value, or a tuple of texts.
        options: what may be chosen; anything else in the address is ignored. Empty: any text.
    """
    text = opened_with(name)
    if text is not None and (found := _value(text, default, options)) is not None:
        st.session_state[key] = found
    elif st.session_state.get(key) is None:
        st.session_state[key] = list(default) if isinstance(default, tuple) else default
    value = st.session_state[key]
    put(name, None if _text(value) == _text(default) else _text(value))


def _value(text: str, default: Value, options: Collection[str]) -> Any:
    if isinstance(default, bool):
        return text == YES
    if isinstance(default, tuple):
        return [item for item in text.split(",") if item and (not options or item in options)]
    return text if not options or text in options else None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return YES if value else "no"
    return value if isinstance(value, str) else ",".join(value)
