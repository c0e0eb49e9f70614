"""What can be done with the ticked runs: look at them, steer them, keep them in order."""

from collections.abc import Callable, Sequence

import streamlit as st

from app.kit.controls import CAN_PAUSE, CAN_RESUME, CAN_STOP
from app.kit.dialogs import annotate, confirm_deletion, show_trash, train_longer
from app.kit.guard import guarded
from app.kit.navigation import go
from app.kit.store import store
from app.kit.words import counted
from app.kit.writing import write_button
from app.runs.baseline import pin
from engine.launch import request_pause, request_stop, resume
from engine.store import Run, Status


def look(selected: Sequence[Run]) -> None:
    """Draw the buttons that lead to other pages."""
    ids = [run.id for run in selected]
    if st.button("Watch", icon=":material/monitoring:", disabled=not ids):
        go("live", ids)
    if st.button("Compare", icon=":material/stacked_line_chart:", disabled=len(ids) < 2):
        go("compare", ids)
    if st.button("Results", icon=":material/grid_on:", disabled=len(ids) != 1 or selected[0].test_score is None):
        go("results", ids)
    if st.button("Baseline", icon=":material/push_pin:", disabled=len(ids) != 1,
                 help="Show the figures of all others as differences from this run’s."):
        pin(selected[0])
    if st.button("Clone", icon=":material/content_copy:", disabled=len(ids) != 1):
        go("launch", clone=str(ids[0]))


def steer(selected: Sequence[Run]) -> None:
    """Draw a button for each request that one of the runs can obey."""
    imported = [run for run in selected if run.is_imported]
    for label, icon, can, act in (
            ("Run next", "vertical_align_top", {Status.QUEUED}, lambda run: store().runs.put_next(run.id)),
            ("Pause", "pause", CAN_PAUSE, lambda run: request_pause(store(), run)),
            ("Resume", "play_arrow", CAN_RESUME, lambda run: resume(store(), run)),
            ("Stop", "stop", CAN_STOP, lambda run: request_stop(store(), run))):
        fit = [run for run in selected if run.status in can and run not in imported]
        if fit and write_button(label, icon=f":material/{icon}:", key=f"steer_{icon}"):
            each(fit, act, f"{label}: {counted(len(fit), 'run')}")
    if any(run.is_ended for run in selected) and write_button("Train longer", icon=":material/more_time:"):
        train_longer(selected)


def keep(selected: Sequence[Run]) -> None:
    """Draw the buttons that tag, archive and delete."""
    none = not selected
    if write_button("Tag and note", icon=":material/sell:", disabled=none):
        annotate(selected)
    undo = bool(selected) and all(run.archived_at for run in selected)
    if write_button("Take out of the archive" if undo else "Archive", disabled=none, key="archive",
                    icon=":material/unarchive:" if undo else ":material/archive:"):
        each(selected, lambda run: store().runs.archive(run.id, undo=undo),
             f"{counted(len(selected), 'run')} {'shown again' if undo else 'archived'}")
    if write_button("Delete", icon=":material/delete:", disabled=none, key="delete"):
        confirm_deletion(selected)


def trash_button() -> None:
    """Draw the button of the trash, if anything is in it."""
    count = len(store().trash.runs())
    if count and st.button(f"Trash ({count})", icon=":material/delete_sweep:", key="trash", type="tertiary"):
        show_trash()


def each(runs: Sequence[Run], act: Callable[[Run], object], said: str) -> None:
    """Do it for each run, and say so; the first mistake ends it with its line."""
    with guarded():
        for run in runs:
            act(run)
        st.toast(said, icon=":material/check:")
        st.rerun()
