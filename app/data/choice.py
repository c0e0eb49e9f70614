"""Choosing the data set of the page, and downloading one that is missing."""

from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.form.draft import key as launch_key
from app.kit import words
from app.kit.address import remember
from app.kit.frame import show_mistake
from app.kit.reading import reading
from app.kit.writing import write_button
from engine.catalog.datasets import DATASETS
from engine.config import option_of
from engine.data import load_dataset
from engine.data.loading import AnyDataset, check_available
from engine.data.readers.loaders import loader_for
from engine.errors import UserError
from engine.home import ROOT

NAME, FOLDER = "dataset", "folder"
_NAMED = 200


def choose_dataset() -> tuple[str, str, DeltaGenerator]:
    """Choose name and folder, both in the address and initially those of the launch form.

    Returns:
        The name, the folder, and a container beside the widgets.
    """
    formed, its_folder = (str(st.session_state.get(launch_key(field), "") or "") for field in ("dataset", "data_path"))
    remember(NAME, NAME, next(iter(DATASETS)), DATASETS, formed if formed in DATASETS else None)
    remember(FOLDER, FOLDER, "", initial=its_folder)
    with st.container(horizontal=True, vertical_alignment="bottom", key="data_choice"):
        name = st.selectbox("Data set", list(DATASETS), key=NAME, width=190, on_change=_clear_folder,
                            persist_state="session")
        folder = st.text_input("Data folder", key=FOLDER, width=300, persist_state="session",
                               placeholder="Darkroom’s, then the standard folders", help=option_of("data_path").help)
        beside = st.container(width="stretch", key="data_facts")
    return str(name), str(folder or "").strip(), beside


def _clear_folder() -> None:
    """Clear the folder when another data set is chosen."""
    st.session_state[FOLDER] = ""


def open_dataset(name: str, folder: str, load: Callable[[str, str], AnyDataset]) -> AnyDataset | None:
    """Open the data set, preparing it the first time; if it is missing, show how to get it and return None."""
    try:
        check_available(name, folder)
    except UserError as error:
        _missing(name, folder, error)
        return None
    try:
        with reading(f"Opening {name} …"):
            return load(name, folder)
    except UserError as error:
        st.error(words.told(error), icon=":material/error:")
        return None


def show_notes(dataset: AnyDataset) -> None:
    """Draw notes on how the files were read, their account, and the names of unreadable pictures."""
    if not (dataset.ledger.parts or dataset.notes or dataset.skipped):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="data_remarks"):
        if dataset.ledger.parts:
            with st.popover("Where they come from", icon=":material/receipt_long:", type="tertiary"):
                st.table([{"": name, "Account": words.plain(text)} for name, text in dataset.ledger.rows()])
        for note in dataset.notes:
            st.caption(f":material/info: {words.plain(note[0].upper() + note[1:])}.", width="content")
        if dataset.skipped:
            count = len(dataset.skipped)
            with st.popover(f":orange[:material/broken_image: {count:,} cannot be read]", type="tertiary"):
                st.caption("Skipped here. A run fails on them unless its option “Unreadable pictures” is skip.")
                st.code("\n".join(dataset.skipped[:_NAMED]) + ("\n…" if count > _NAMED else ""), language=None)


def _missing(name: str, folder: str, error: UserError) -> None:
    with st.container(key="empty", horizontal_alignment="center", gap="small"):
        brought = DATASETS[name].user_provided
        st.subheader("Where are your pictures?" if brought else f"{name} is not downloaded yet", anchor=False,
                     text_alignment="center", width="content")
        advice = words.sentence(DATASETS[name].missing.replace("data_path", "the field Data folder")) \
            if brought and not folder else words.told(error)
        st.caption(advice, width="content", text_alignment="center")
        if loader_for(name).download and write_button("Download", icon=":material/download:", key="data_get",
                                                type="primary"):
            _download(name, folder)


def _download(name: str, folder: str) -> None:
    """Download the data set with a progress bar, then rerun the page."""
    bar = st.progress(0.0, text=f"Downloading {name} …", width=420)

    def show_progress(file: str, done: int, total: int) -> None:
        bar.progress(min(1.0, done / total) if total else 0.0, text=f"{words.plain(file)} · {words.size(done)}")

    try:
        load_dataset(name, folder, download=True, progress=show_progress, unreadable="skip")
    except UserError as failed:
        bar.empty()
        show_mistake(words.plain(str(failed)))
    else:
        st.rerun()


def figures_line(shown: Iterable[tuple[str, str]]) -> str:
    """Return names with their values as HTML."""
    return '<div class="dr-figures">' + "".join(
        f"<span>{name} <b>{escape(value)}</b></span>" for name, value in shown) + "</div>"


def source_figure(source: Path | None) -> list[tuple[str, str]]:
    """Return where a data set's files are, as a figure; nothing if Darkroom generates it."""
    there = source is not None and source.is_dir() and not source.is_relative_to(ROOT / "engine")
    return [("from", str(source))] if there else []
