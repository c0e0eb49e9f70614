"""What the address carries, so that a reload, a bookmark and a link show the same.

Within a page a changed address replaces the one before (see ``browser.js``), so that one press of Back leaves the page.
The address is read only when a page is opened: later a rerun may still carry an older one than the session has.
"""

import math
from collections.abc import Collection
from typing import Any

import streamlit as st

from app.kit.words import plain

YES = "yes"
_TRUTHS = {YES: True, "no": False, "true": True, "false": False}
_TOLD = 60
_LONGEST = 9
_PAGE, _READ, _KEPT, _DRAWN, _USUAL = (f"address_{name}" for name in ("page", "read", "kept", "drawn", "usual"))
Value = str | bool | int | float | tuple[str, ...] | tuple[float, float] | None


def note_page(page: str) -> None:
    """Note which page is drawn, before it is."""
    if st.session_state.get(_PAGE) != page:
        reopen()
        st.session_state[_KEPT] = set()
    st.session_state[_PAGE], st.session_state[_DRAWN] = page, set()


def drop_undrawn() -> None:
    """Take values of widgets that are no longer drawn out of the address; called after the whole page was drawn."""
    for name in st.session_state[_KEPT] - st.session_state[_DRAWN]:
        put(name, None)


def reopen() -> None:
    """Read the address again in the next run although the page stays the same."""
    st.session_state[_READ] = set()


def opened_with(name: str) -> str | None:
    """Return what the address says under a name, once after the page was opened; else None."""
    read: set[str] = st.session_state.setdefault(_READ, set())
    if name in read:
        return None
    read.add(name)
    return ",".join(st.query_params.get_all(name)) if name in st.query_params else None


def put(name: str, text: str | None) -> None:
    """Write a text into the address; None removes the name."""
    if text is not None and st.query_params.get_all(name) != [text]:
        st.query_params[name] = text
    elif text is None and name in st.query_params:
        del st.query_params[name]


def remember(name: str, key: str, default: Value, options: Collection[Any] = (), initial: Value = None) -> None:
    """Keep a widget's value in the address; call this before the widget, which must have no default of its own.

    Args:
        name: of the query parameter, which is left out while the value is the default.
        key: of the widget; its session state gets the value.
        default: a text, a truth value, a number, a pair of numbers, a tuple of texts, or None for nothing. What is
            offered as the default must not depend on the session, or a reload would show another one.
        options: what may be chosen; anything else is ignored. Empty: anything.
        initial: the value at first, if the session has another one than the default; None: the default.
    """
    for names in (_KEPT, _DRAWN):
        st.session_state.setdefault(names, set()).add(name)
    text = opened_with(name)
    found = None if text is None else _value(text, default, options)
    if text and _text(found) != text and (found is None or isinstance(found, list)):
        st.toast(f"{plain(name)}={plain(text[:_TOLD])} in the address cannot be chosen here.",
                 icon=":material/link_off:")
    if found is None and not _was_default(key, default):
        found = _still(st.session_state.get(key), options)
    if found is None:
        found = default if initial is None else initial
    value = list(found) if isinstance(found, tuple) and not _is_range(found) else found
    if key not in st.session_state or st.session_state[key] != value:  # setting it anew would undo what is being typed
        st.session_state[key] = value
    text = _text(value)
    put(name, None if text == _text(default) else text)


def steps(low: float, high: float, step: float) -> list[float]:
    """Return the values of a slider, for the options of :func:`remember`."""
    return [round(low + step * place, 2) for place in range(round((high - low) / step) + 1)]


def remember_cell(key: str, classes: int) -> tuple[int, int] | None:
    """Return the selected cell of a confusion matrix of so many classes, which the address keeps; None: none is.

    Args:
        key: of the cell in the session state.
    """
    if asked := cell_of(opened_with("cell") or "", classes):
        st.session_state[key] = asked
    chosen: tuple[int, int] | None = st.session_state.get(key)
    put("cell", None if chosen is None else _text(chosen))
    return chosen


def cell_of(text: str, classes: int) -> tuple[int, int] | None:
    """Parse ``8,1``: a cell of a matrix with so many classes; None if it is none."""
    row, _, column = text.partition(",")
    if not (row.isdecimal() and column.isdecimal() and max(len(row), len(column)) < _LONGEST):
        return None
    cell = int(row), int(column)
    return cell if max(cell) < classes else None


def _was_default(key: str, default: Value) -> bool:
    """Whether the session has what was the default, perhaps of another page, and another one is the default now.

    A value that nobody chose follows the default, as it does after a reload.
    """
    usual: dict[str, Value] = st.session_state.setdefault(_USUAL, {})
    before, usual[key] = usual.get(key, default), default
    return before != default and key in st.session_state and _text(st.session_state[key]) == _text(before)


def _still(value: Any, options: Collection[Any]) -> Any:
    """Return what remains of a value that was chosen, if other options are offered now; None: nothing does."""
    if not options or value is None:
        return value
    if isinstance(value, list):
        kept = [item for item in value if item in options]
        return kept if kept or not value else None
    return value if value in options else None


def _value(text: str, default: Value, options: Collection[Any]) -> Any:
    """Return what a text of the address means, None if it means nothing."""
    if isinstance(default, bool):
        return _TRUTHS.get(text)
    if isinstance(default, int | float):
        number = _number(text, type(default))
        return number if not options or number in options else None
    if isinstance(default, tuple):
        items = [item for item in text.split(",") if item and (not options or item in options)]
        if not _is_range(default):
            return items
        ends = [_number(item, float) for item in items]
        return tuple(ends) if len(ends) == 2 and None not in ends else None
    return text if not options or text in options else None


def _number(text: str, kind: type) -> Any:
    try:
        number = kind(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _is_range(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(end, int | float) for end in value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else "no"
    return ",".join(map(_text, value)) if isinstance(value, list | tuple) else str(value)
