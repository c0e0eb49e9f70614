"""Dialogs that change stored runs: tags and notes, more epochs, deletion."""

from collections.abc import Sequence

import streamlit as st

from app.kit.guard import guarded
from app.kit.looks import label
from app.kit.store import store
from app.kit.words import counted, plain
from engine.launch import resume
from engine.store import Run

MOST_EPOCHS = 100_000


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
    """Delete runs after confirmation; name the live ones, which are kept."""
    live = [run for run in runs if run.is_live]
    gone = [run for run in runs if not run.is_live]
    if live:
        st.caption(f"Kept, because still running: {', '.join(_named(run) for run in live)}. Stop a run before deleting "
                   "it.")
    if gone:
        st.markdown("Their metrics, checkpoints and predictions are deleted permanently:")
        st.markdown("\n".join(f"- {_named(run)}" for run in gone[:10])
                    + (f"\n- and {len(gone) - 10} more" if len(gone) > 10 else ""))
        with st.container(horizontal=True):
            confirm = st.button(f"Delete {counted(len(gone), 'run')}", type="primary", key="delete_for_good")
            if st.button("Cancel"):
                st.rerun()
        if confirm:
            with guarded():
                delete(gone)
                st.rerun()


def delete(runs: Sequence[Run]) -> None:
    """Remove runs that are not live.

    Raises:
        UserError: a run became live in the meantime; those before it are deleted.
    """
    for run in runs:
        store().runs.delete(run.id)


def _named(run: Run) -> str:
    return plain(label(run))
