"""While rows are ticked the table stays as it is, and a chip tells how many runs have changed since."""

from collections.abc import Sequence

import streamlit as st

from app.kit.guard import guarded
from app.kit.pulse import pulse
from app.kit.store import maintain_runs, runs
from app.kit.words import counted
from engine.store import Run

_EVERY = 2.0


def changed(drawn: Sequence[Run], now: Sequence[Run]) -> int:
    """Return how many runs were added, changed or deleted."""
    before, after = ({run.id: run.revision for run in found} for found in (drawn, now))
    return sum(before.get(run_id) != after.get(run_id) for run_id in before.keys() | after.keys())


@st.fragment
def tell_changes(drawn: Sequence[Run]) -> None:
    """Draw the chip, which shows the table anew; the ticked runs stay ticked."""
    with guarded():
        maintain_runs()
        found = changed(drawn, runs())
        pulse("runs_changes", every=_EVERY, patience=3 if any(run.is_live for run in drawn) else 3600)
        if found and st.button(f"{counted(found, 'change')} – show", icon=":material/refresh:", key="runs_changed",
                               type="tertiary"):
            st.rerun()
