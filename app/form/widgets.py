"""The widgets of the form: one per field, in titled sections, with mistakes below their fields."""

import streamlit as st

from app.form.draft import Draft, key
from app.form.fields import Field, sections, value_help
from app.kit.frame import show_mistake
from app.kit.words import sentence, short_count
from engine.catalog.models import CLASSIFIERS, DETECTORS, models

_WIDE = {"name", "model", "data_path", "weights_path"}


def form(draft: Draft, proposed_name: str) -> None:
    """Draw every section. Advanced fields appear when switched on, changed or invalid."""
    everything = bool(st.session_state.get("launch_everything"))
    for section, members in sections().items():
        shown = [field for field in members if draft.applies(field.name) and (
            everything or not field.option.advanced or field.name in draft.changed or draft.error_at(field.name))]
        if not shown:
            continue
        with st.container(key=f"section_{section.name.lower()}", gap=None):
            title, body = st.columns([1, 5], gap="medium")
            title.markdown(f"**{section}**")
            with body:
                grid = st.grid(4, min_column_width=130, gap=("medium", "small"))
            for field in shown:
                mark = "changed" if field.name in draft.changed else "same"
                with grid.cell(column_span=2 if field.name in _WIDE else 1), st.container(key=f"{mark}_{field.name}"):
                    _field(field, draft, proposed_name)
            if note := value_help(shown[0].name, draft.texts[shown[0].name], draft.tasks[0]) if len(shown) < 3 else "":
                free = 4 - sum(2 if field.name in _WIDE else 1 for field in shown)
                with grid.cell(column_span=min(free, 2) or 4), st.container(key=f"told_{shown[0].name}"):
                    st.caption(note)


def _field(field: Field, draft: Draft, proposed_name: str) -> None:
    several = "\n\nSeveral, separated by commas, launch a grid." if field.option.grid else ""
    help_text = field.option.explanation + several
    if field.choices:
        st.selectbox(field.label, _offered(field, draft), key=key(field.name), help=help_text, persist_state="session",
                     accept_new_options=field.option.grid or field.option.spell is not None,
                     format_func=_model_label if field.name == "model" else str)
    else:
        placeholder = proposed_name if field.name == "name" else None
        st.text_input(field.label, key=key(field.name), help=help_text, placeholder=placeholder, live="400ms",
                      persist_state="session")
    if mistake := draft.error_at(field.name):
        show_mistake(sentence(mistake))


def _offered(field: Field, draft: Draft) -> list[str]:
    """Return the choices that suit the data set, and the field's current text."""
    text = draft.texts[field.name]
    return list(dict.fromkeys([*field.offered(draft.tasks), *([text] if text else [])]))


def _model_label(name: str) -> str:
    row = models().get(name)
    if row is None:
        return name
    family = "Darkroom" if name in CLASSIFIERS else "detector" if name in DETECTORS else row.family
    return f"{name} · {family} · {short_count(row.parameters, 2)}"
