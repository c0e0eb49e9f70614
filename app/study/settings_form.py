"""The options that all runs of a study share, as widgets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import streamlit as st

from app.form.fields import Field, fields, text_of
from app.study.typed import scalar
from engine.config import Section

_WIDE = {"model", "data_path", "weights_path"}


def settings_form(settings: Mapping[str, Any], varied: Collection[str], key: str) -> dict[str, Any]:
    """The settings as they are in the widgets.

    Args:
        varied: options that a factor sets, which are not offered.
        key: begins the widgets' keys; another one begins with what ``settings`` says.
    """
    known = {field.name: field for field in fields() if field.option.section is not Section.RUN
             or field.name in settings or field.name == "device"}
    offered = [name for name in known if name in settings or name not in varied]
    chosen = st.multiselect("Options that all runs share", offered, [name for name in settings if name in known],
                            key=f"{key}_settings", format_func=lambda name: known[name].label,
                            placeholder="Everything is at its default",
                            help="What is not named here is at its default, as in the launch form.")
    grid = st.grid(4, min_column_width=150, gap="small")
    made = {name: value for name, value in settings.items() if name not in known}
    for name in chosen:
        with grid.cell(column_span=2 if name in _WIDE else 1):
            made[name] = _value(known[name], settings.get(name), key)
    return made


def _value(field: Field, value: Any, key: str) -> Any:
    text = field.default if value is None else text_of(value)
    if field.choices:
        offered = list(dict.fromkeys([*field.choices, text]))
        picked = st.selectbox(field.label, offered, offered.index(text), key=f"{key}_set_{field.name}",
                              help=field.option.help, accept_new_options=field.option.free_choice)
        return scalar(picked or "")
    typed = st.text_input(field.label, text, key=f"{key}_set_{field.name}", help=field.option.help, live="400ms")
    return value if typed == text and value is not None else scalar(typed)
