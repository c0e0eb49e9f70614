"""The factors of a study as widgets: one line per factor, its levels chosen or typed."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app.form.fields import Field, fields
from app.study.draft import scalar, texts
from engine.study.factors import label_of

Factors = dict[str, Any]


def factors_form(factors: Mapping[str, Any], key: str) -> Factors:
    """Draw the factors and return the edited ones, without a removed one.

    Args:
        factors: as declared: a list of values, or levels by label.
        key: prefix of the widgets' keys; a new prefix resets them to ``factors``.
    """
    made: Factors = {}
    for place, (name, levels) in enumerate(factors.items()):
        with st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}_factor_{place}"):
            chosen, kept = _factor(name, levels, [other for other in factors if other != name], f"{key}_{place}")
            if not st.button("Remove", icon=":material/close:", key=f"icon_{key}_{place}_gone", type="tertiary"):
                made[chosen] = kept
    return made


def new_factor(factors: Mapping[str, Any]) -> Factors:
    """Return an unused factor with its first two choices as levels."""
    field = next(field for field in _variable_fields() if field.name not in factors and len(field.choices) > 1)
    return {field.name: [scalar(choice) for choice in field.choices[:2]]}


def is_simple(name: str, levels: object) -> bool:
    """Return whether every level sets only the option that names the factor, and is labelled by its value."""
    if isinstance(levels, Mapping):
        return all(options == {name: value} and label_of(value) == label for label, options in levels.items()
                   for value in (options.get(name) if isinstance(options, Mapping) else None,))
    return isinstance(levels, Sequence)


def values_of(name: str, levels: Any) -> list[Any]:
    """Return the values of a simple factor."""
    return [options[name] for options in levels.values()] if isinstance(levels, Mapping) else list(levels)


def _factor(name: str, levels: Any, others: Sequence[str], key: str) -> tuple[str, Any]:
    """Draw a line and return its factor's name and levels."""
    known = {field.name: field for field in _variable_fields()}
    if name not in known or not is_simple(name, levels):
        return name, _composite_levels(name, levels, key)
    offered = [field for field in known if field not in others]
    chosen = st.selectbox("Option", offered, offered.index(name), key=f"{key}_option", width=240,
                          format_func=lambda field: known[field].label)
    if chosen != name:
        return chosen, _first_levels(known[chosen])
    return name, _values(known[name], values_of(name, levels), key)


def _values(field: Field, values: Sequence[Any], key: str) -> list[Any]:
    labels = [label_of(value) for value in values]
    if field.choices:
        picked = st.multiselect("Levels", list(dict.fromkeys([*field.choices, *labels])), labels,
                                key=f"{key}_levels_{field.name}", accept_new_options=True, placeholder="Choose levels",
                                help=field.option.explanation)
        return [scalar(label) for label in picked]
    text = st.text_input("Levels", ", ".join(labels), key=f"{key}_levels_{field.name}", live="400ms",
                         help=f"{field.option.help} Several values, separated by commas.")
    return [scalar(label) for label in texts(text)]


def _composite_levels(name: str, levels: Any, key: str) -> Any:
    """Draw a factor whose levels have labels or set several options; its levels can only be removed here."""
    st.text_input("Factor", name, disabled=True, width=240, key=f"{key}_name")
    labels = [label_of(label) for label in levels]
    kept = st.multiselect("Levels", labels, labels, key=f"{key}_levels_{name}", placeholder="Choose levels",
                          help=f"{_levels_help(levels)} Edit the options of a level in the YAML view.")
    if not isinstance(levels, Mapping):
        return [value for value in levels if label_of(value) in kept]
    return {label: options for label, options in levels.items() if label_of(label) in kept}


def _levels_help(levels: Any) -> str:
    return "; ".join(f"{label}: {_options_text(options)}" for label, options in levels.items()) + "." \
        if isinstance(levels, Mapping) else ""


def _options_text(options: Any) -> str:
    return ", ".join(f"{option} {label_of(value)}" for option, value in options.items()) \
        if isinstance(options, Mapping) else label_of(options)


def _first_levels(field: Field) -> list[Any]:
    return [scalar(choice) for choice in field.choices[:2]] or [scalar(field.default)]


def _variable_fields() -> list[Field]:
    """Return the options that can be varied: those that change what a run computes."""
    return [field for field in fields() if field.option.grid and field.option.identity and field.name != "seed"]
