"""Dialogs that change stored runs: tags and notes, more epochs, deletion and the trash."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from app.kit.guard import guarded
from app.kit.looks import label
from app.kit.store import store
from app.kit.words import counted, plain, size
from app.kit.writing import write_button
from engine.disk_space import folder_bytes
from engine.launch import resume
from engine.store import Run
from engine.store.trash import KEPT_DAYS, last_day
from engine.study.counting import studies_counting

MOST_EPOCHS = 100_000
_MOST_LISTED = 20


@st.dialog("Tags and notes")
def annotate(runs: Sequence[Run]) -> None:
    """Edit the tags of several runs, and the notes of a single one."""
    common = [tag for tag in runs[0].tags if all(tag in run.tags for run in runs)]
    known = sorted({tag for run in store().runs.list() for tag in run.tags})
    tags = st.multiselect("Tags" if len(runs) == 1 else f"Tags of all {len(runs)} runs", known, default=common,
                          accept_new_options=True, placeholder="Type a tag")
    notes = st.text_area("Notes", value=runs[0].notes, height=140) if len(runs) == 1 else None
    if st.button("Save", type="primary"):
        with guarded():
            for run in runs:
                store().runs.set_tags(run.id, [tag for tag in run.tags if tag not in common] + tags)
                if notes is not None:
                    store().runs.set_notes(run.id, notes)
            st.rerun()


@st.dialog("Train longer")
def train_longer(runs: Sequence[Run]) -> None:
    """Ask for the number of further epochs, and queue the runs that have ended; name those that are left out."""
    ended = [run for run in runs if run.is_ended and not run.is_imported]
    others = [run for run in runs if run not in ended]
    if others:
        st.caption(f"Skipped, because not ended or imported: {', '.join(_named(run) for run in others)}.")
    if not ended:
        return
    done = max(run.epoch for run in ended)
    trained = ", ".join(f"{plain(run.name)} has trained {run.epoch}" for run in ended[:5]) + " …" * (len(ended) > 5)
    more = st.number_input("More epochs", min_value=1, max_value=max(MOST_EPOCHS - done, 1), step=1, value=5,
                           help=f"{trained}. Training resumes from the last checkpoint, and the learning-rate schedule "
                                "is extended to the last of these epochs.")
    if st.button("Queue", type="primary"):
        with guarded():
            continue_for(ended, int(more))
            st.rerun()


def continue_for(runs: Sequence[Run], more: int) -> None:
    """Queue ended runs again, each for ``more`` further epochs.

    Raises:
        UserError: a run has been resumed in the meantime; those before it are queued.
    """
    for run in runs:
        resume(store(), run, more=more)


@st.dialog("Delete runs")
def confirm_deletion(runs: Sequence[Run]) -> None:
    """Move runs to the trash after confirmation, which says what that frees and which studies count on them.

    Live ones are named and kept.
    """
    live = [run for run in runs if run.is_live]
    gone = [run for run in runs if not run.is_live]
    if live:
        st.caption(f"Kept, because still running: {', '.join(_named(run) for run in live)}. Stop a run before deleting "
                   "it.")
    if not gone:
        return
    st.markdown(f"They go to the trash and can be put back for {KEPT_DAYS} days. Then, or when the trash is emptied, "
                f"{size(sum(folder_bytes(run.folder) for run in gone))} of disk are free.")
    st.markdown("\n".join(f"- {_named(run)}" for run in gone[:10])
                + (f"\n- and {len(gone) - 10} more" if len(gone) > 10 else ""))
    for name, counting in studies_counting(store(), gone).items():
        st.warning(f"Study {plain(name)} counts on {counted(len(counting), 'run')} of these and would lack them.",
                   icon=":material/science:")
    with st.container(horizontal=True):
        confirm = st.button(f"Delete {counted(len(gone), 'run')}", type="primary", key="confirm_deletion")
        if st.button("Cancel"):
            st.rerun()
    if confirm:
        with guarded():
            delete(gone)
            st.toast(f"{counted(len(gone), 'run')} in the trash", icon=":material/delete:")
            st.rerun()


def delete(runs: Sequence[Run]) -> None:
    """Move runs that are not live to the trash.

    Raises:
        UserError: a run became live in the meantime; those before it are in the trash.
    """
    for run in runs:
        store().trash.put(run.id)


@st.dialog("Trash")
def show_trash() -> None:
    """List the runs in the trash with what they take of the disk; put them back, or empty it."""
    runs = store().trash.runs()
    if not runs:
        st.caption("The trash is empty.")
        return
    sizes = {run.id: folder_bytes(run.folder) for run in runs}
    st.caption(f"{counted(len(runs), 'run')}, {size(sum(sizes.values()))} of disk. Each is removed {KEPT_DAYS} days "
               "after it was deleted.")
    for run in runs[:_MOST_LISTED]:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"{_named(run)} :gray[:small[{size(sizes[run.id])}, until {last_day(run)}]]", width="stretch")
            if write_button("Put back", key=f"put_back_{run.id}", type="tertiary"):
                _and_rerun(partial(store().trash.put_back, run.id))
    if len(runs) > _MOST_LISTED:
        st.caption(f"And {len(runs) - _MOST_LISTED} more: `python -m engine trash` lists all.")
    if write_button(f"Empty: free {size(sum(sizes.values()))} for good", icon=":material/delete_forever:",
                    key="empty_trash"):
        _and_rerun(store().trash.empty)


def _and_rerun(act: Callable[[], object]) -> None:
    with guarded():
        act()
        st.rerun()


def _named(run: Run) -> str:
    return plain(label(run))
