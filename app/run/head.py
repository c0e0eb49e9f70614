"""What can be changed of a run: its name, tags and notes, and whether lists show it."""

from collections.abc import Callable

import streamlit as st

from app.kit.dialogs import confirm_deletion
from app.kit.guard import guarded
from app.kit.looks import label
from app.kit.navigation import go, runs_in_address
from app.kit.store import runs, store
from app.kit.words import plain
from app.kit.writing import write_button
from engine.store import Run
from engine.store.trash import last_day


def offer_trashed() -> bool:
    """Say of a run in the address that is in the trash that it is there, and offer to put it back.

    Returns:
        Whether there is one; then nothing else is to be shown.
    """
    asked = runs_in_address()
    found = [run for run in store().trash.runs() if run.id in asked] if asked else []
    for run in found:
        with st.container(horizontal=True, vertical_alignment="center", key=f"trashed_{run.id}"):
            st.warning(f"{plain(label(run))} is in the trash until {last_day(run)}.", icon=":material/delete:")
            if write_button("Put back", key=f"put_back_{run.id}"):
                with guarded():
                    store().trash.put_back(run.id)
                    go("run", [run.id])
    return bool(found)


def actions(run: Run) -> None:
    """Draw the buttons that rename, archive and delete a run."""
    with st.popover("Rename", icon=":material/edit:", key="rename"), st.form(f"rename_{run.id}", border=False):
        name = st.text_input("Name", value=run.name, max_chars=120)
        if st.form_submit_button("Save", disabled=bool(store().read_only)):
            _change(lambda: store().runs.rename(run.id, name), "Renamed")
            st.rerun()
    archived = run.archived_at is not None
    if write_button("Take out of the archive" if archived else "Archive", key="archive",
                    icon=":material/unarchive:" if archived else ":material/archive:",
                    help="Lists leave archived runs out; studies still count them."):
        _change(lambda: store().runs.archive(run.id, undo=archived), "Shown in lists again" if archived else "Archived")
        st.rerun()
    if write_button("Delete", key="delete", icon=":material/delete:", disabled=run.is_live):
        confirm_deletion([run])


def annotations(run: Run) -> None:
    """Draw tags and notes; a change is saved at once."""
    locked = bool(store().read_only)
    tags, notes = f"run_tags_{run.id}", f"run_notes_{run.id}"
    # Others may have changed them since; one's own changes are saved before the page is drawn.
    st.session_state[tags], st.session_state[notes] = list(run.tags), run.notes
    known = sorted({tag for other in runs() for tag in other.tags})
    with st.container(key="split_annotations"):
        left, right = st.columns([1, 2], gap="large")
    left.multiselect("Tags", known, key=tags, accept_new_options=True, placeholder="Type a tag", disabled=locked,
                     on_change=lambda: _change(lambda: store().runs.set_tags(run.id, st.session_state[tags]), "Saved"))
    right.text_area("Notes", key=notes, height=68, placeholder="What was this run for?", disabled=locked,
                    on_change=lambda: _change(lambda: store().runs.set_notes(run.id, st.session_state[notes]), "Saved"))


def _change(act: Callable[[], object], said: str) -> None:
    with guarded():
        act()
        st.toast(said, icon=":material/check:")
