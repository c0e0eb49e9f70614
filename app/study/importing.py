"""Results from elsewhere, taken over into a study of their own or into the one that is shown."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from app.guard import guarded
from app.stored import store
from app.study.turning import turn_to
from app.words import plain
from engine.imports import AUTO, KINDS, Imported, import_results

_NOTES = "study_import_notes"


def import_panel(into: str = "") -> None:
    """A form that takes a file over.

    Args:
        into: the study that the results belong to; empty: one that is named here, and declared from the file.
    """
    key = f"study_import_{into}"
    st.caption("A table of results (CSV), curves as W&B or MLflow export them, or TensorBoard event files: one row or "
               "run for each result, with the levels that it belongs to.")
    files = st.file_uploader("Files", key=f"{key}_files", accept_multiple_files=True)
    folder = st.text_input("or a path on this machine", key=f"{key}_path", placeholder="~/results.csv")
    kind = st.selectbox("Kind", [AUTO, *KINDS], key=f"{key}_kind", format_func=lambda name: "Look at the file"
                        if name == AUTO else name.capitalize(), help=" ".join(each.help for each in KINDS.values()))
    name = into or st.text_input("Name of the study", key=f"{key}_name", placeholder="as the file")
    if st.button("Import", type="primary", key=f"{key}_go", disabled=not (files or folder.strip())):
        with guarded():
            found = taken_over(files, folder.strip(), name.strip(), str(kind))
            st.session_state[_NOTES] = found.notes
            turn_to(found.study, "Matrix")


def told() -> None:
    """What the last import had to say, once."""
    notes = st.session_state.pop(_NOTES, ())
    if notes:
        st.info("  \n".join(plain(note[0].upper() + note[1:]) for note in notes), icon=":material/move_to_inbox:")


def taken_over(files: list[UploadedFile], path: str, name: str, kind: str) -> Imported:
    """Import uploaded files, or what lies at a path.

    Raises:
        UserError: there is nothing, it cannot be read, or it fits no cell.
    """
    if not files:
        return import_results(store(), Path(path).expanduser(), name or Path(path).stem, kind)
    with tempfile.TemporaryDirectory() as folder:
        # A folder is a run, and where the uploaded ones lay is not told: each is taken for a run of its own.
        for place, file in enumerate(files, start=1):
            written = Path(folder, f"file {place}", Path(file.name).name)
            written.parent.mkdir()
            written.write_bytes(file.getvalue())
        only = written if len(files) == 1 else Path(folder)
        return import_results(store(), only, name or Path(files[0].name).stem, kind)
