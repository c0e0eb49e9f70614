"""Saved views of the Runs page: filters, columns, and how they are drawn, under a name."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.kit.store import store
from app.kit.words import plain
from app.kit.writing import write_button
from app.runs.columns import SHOWN

_SETTING = "runs_views"
_DEFAULTS: dict[str, Any] = {
    "runs_text": "", "runs_status": [], "runs_data_set": [], "runs_model": [], "runs_tag": [], "runs_archived": False,
    "runs_columns": list(SHOWN), "runs_view": "Table"}
_CHOICES = ("runs_groups", "runs_x", "runs_y", "runs_colour", "runs_log", "runs_figure", "runs_importance")
"""Widgets of one view each, whose defaults depend on the runs."""

View = Mapping[str, Any]


def saved_views() -> None:
    """Draw the saved views, which a click opens, and a field that saves the present one."""
    views: dict[str, View] = store().settings.get(_SETTING, {})
    with st.popover("Views", icon=":material/bookmark:"):
        for name, view in views.items():
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                st.button(plain(name), key=f"view_{name}", type="tertiary", on_click=open_view, args=(view,))
                write_button(":material/close:", key=f"forget_{name}", type="tertiary", help="Forget this view",
                             on_click=_put, args=({other: views[other] for other in views if other != name},))
        name = st.text_input("Name", key="runs_view_name", placeholder="Name of the present view", max_chars=60,
                             label_visibility="collapsed")
        write_button("Save view", key="save_view", disabled=not (name or "").strip(), on_click=_put,
                     args=({**views, (name or "").strip(): present_view()},))


def present_view() -> View:
    """Return what the widgets of the page are set to."""
    return {key: st.session_state[key] for key in (*_DEFAULTS, *_CHOICES) if key in st.session_state}


def open_view(view: View) -> None:
    """Set the widgets as they were when the view was saved; called before the page is drawn."""
    for key in _CHOICES:
        st.session_state.pop(key, None)
    for key, value in (_DEFAULTS | dict(view)).items():
        st.session_state[key] = value


def _put(views: Mapping[str, View]) -> None:
    store().settings.set(_SETTING, dict(views))
