"""A launch form that is shared: as a link, which its address is, or as YAML."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import streamlit as st
import yaml

from app.form.draft import Draft, fill, start_texts
from app.form.fields import fields, text_of
from app.kit.address import opened_with, put
from app.kit.guard import guarded
from engine.catalog.datasets import canonical_name
from engine.config import read_options


def follow_address() -> None:
    """Fill the form from the address, if the page was just opened with options in it."""
    given = {field.name: text for field in fields() if (text := opened_with(field.name)) is not None}
    if given:
        fill_texts(given)


def write_address(draft: Draft) -> None:
    """Write the options that differ from those the form starts with into the address."""
    chosen = _chosen(draft)
    for field in fields():
        put(field.name, chosen.get(field.name))


def share(draft: Draft) -> None:
    """Draw the panel that offers the form as a link and as YAML, and opens a YAML file."""
    chosen = _chosen(draft)
    with st.popover("Share", icon=":material/share:", key="launch_share"):
        st.caption("The address of this page is a link to this form.")
        st.code(f"{(st.context.url or '').partition('?')[0]}?{urlencode(chosen)}", language=None, wrap_lines=True)
        st.download_button("YAML", yaml.safe_dump(chosen, sort_keys=False, allow_unicode=True), "launch.yaml",
                           "application/yaml", icon=":material/download:", key="launch_yaml", on_click="ignore",
                           disabled=not chosen, help="Also for the terminal: engine train --config launch.yaml.")
        file = st.file_uploader("Open a YAML file", ["yaml", "yml"], key="launch_file")
        st.button("Open", disabled=file is None, key="launch_open", on_click=_open, args=(file,))


def fill_texts(given: Mapping[str, str]) -> None:
    """Put texts of some options into the form; the others become what a form for this data set starts with."""
    start = start_texts(canonical_name(given.get("dataset", "").strip()))
    fill({**start, **given})


def _open(file: Any) -> None:
    with guarded():
        options = read_options(file.getvalue().decode(errors="replace"), file.name)
        fill_texts({name: text_of(value) for name, value in options.items()})


def _chosen(draft: Draft) -> dict[str, str]:
    """Return the texts that differ from those that a form for this data set starts with."""
    start = start_texts(canonical_name(draft.texts["dataset"].strip()))
    unlike = {name for name, text in draft.texts.items() if text.strip() != start[name]}
    return {name: text for name, text in draft.texts.items()
            if name in unlike or (name == "dataset" and text != fields()[0].default)}
