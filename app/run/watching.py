"""What moves while a run trains: its card, its findings and its curves."""

import streamlit as st

from app.charts import show_curves
from app.charts.columns import recorded
from app.kit.findings import show_findings
from app.kit.guard import guarded
from app.kit.looks import card
from app.kit.pulse import pulse
from app.kit.store import existing, maintain_runs
from app.tasks import panels
from engine.store import Status

_EVERY = 0.5
_OTHERS = ("Learning rate", "Speed", "Memory")


@st.fragment
def watch(run_id: int) -> None:
    """Draw them, and again when the store changes."""
    with guarded():
        maintain_runs()
        for run in existing([run_id]):
            busy = run.is_live or run.status is Status.QUEUED
            pulse("run_pulse", every=_EVERY, patience=3 if busy else 3600)
            with st.container(key="run_card"):
                st.html(card(run))
            show_findings([run])
            if not recorded(run):
                st.caption("No curves recorded yet." if busy else "No curves were recorded.")
                return
            known = panels([run])
            show_curves([run], known, [*(panel.title for panel in known), *_OTHERS], height=240, key="run_curves")
