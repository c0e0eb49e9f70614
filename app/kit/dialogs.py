"""Dialogs that change stored runs: tags and notes, more epochs, and deleting."""

from collections.abc import Sequence

import streamlit as st

from app.kit.guard import guarded
from app.kit.looks import label
from app.kit.store import store
from app.kit.words import plain
from engine.launch import resume
from engine.store import Run

MOST_EPOCHS = 100_000


@st.dialog("Tags and notes")
def annotate(runs: Sequence[Run]) -> None:
    """Edit the tags of several runs at once, and the notes of a single one."""
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
    """Ask for how many more epochs ended runs shall train, and queue them again; others are left out and said so."""
    ended = [run for run in runs if run.is_ended and not run.is_imported]
    others = [run for run in runs if run not in ended]
    if others:
        st.caption(f"Not ended, or imported, so left as they are: {', '.join(_named(run) for run in others)}.")
    if not ended:
        return
    done = max(run.epoch for run in ended)
    told = ", ".join(f"{plain(run.name)} has trained {run.epoch}" for run in ended[:5]) + (" …" * (len(ended) > 5))
    more = st.number_input("More epochs", min_value=1, max_value=max(MOST_EPOCHS - done, 1), step=1, value=5,
                           help=f"{told}; training goes on from the last checkpoint, and the learning-rate schedule "
                                "ends with the last of these epochs.")
    if st.button("Queue", type="primary"):
        with guarded():
            continue_for(ended, int(more))
            st.rerun()


def continue_for(runs: Sequence[Run], more: int) -> None:
    """Queue ended runs again, each for so many epochs more than it has trained.

    Raises:
        UserError: one is no longer ended; those before it are queued.
    """
    for run in runs:
        resume(store(), run, more=more)


@st.dialog("Delete runs")
def confirm_deletion(runs: Sequence[Run]) -> None:
    """Delete after a clear yes; live runs are left out and said so."""
    live = [run for run in runs if run.is_live]
    gone = [run for run in runs if not run.is_live]
    if live:
        st.caption(f"Still working, so kept: {', '.join(_named(run) for run in live)}. Stop a run before deleting it.")
    if gone:
        st.markdown("Their metrics, checkpoints and predictions are removed for good:")
        st.markdown("\n".join(f"- {_named(run)}" for run in gone[:10])
                    + (f"\n- and {len(gone) - 10} more" if len(gone) > 10 else ""))
        with st.container(horizontal=True):
            sure = st.button(f"Delete {len(gone)} run{'s' * (len(gone) > 1)}", type="primary", key="delete_for_good")
            if st.button("Cancel"):
                st.rerun()
        if sure:
            with guarded():
                delete(gone)
                st.rerun()


def delete(runs: Sequence[Run]) -> None:
    """Remove runs that are not live.

    Raises:
        UserError: one became live in the meantime; those before it are gone.
    """
    for run in runs:
        store().runs.delete(run.id)


def _named(run: Run) -> str:
    return plain(label(run))
