"""What moves while a run trains: its card, its findings and its curves."""

import streamlit as st

from app.charts import chart
from app.charts.curves import RATE, Axis, Line, Panel, curves, recorded
from app.kit.findings import show_findings
from app.kit.guard import guarded
from app.kit.looks import card
from app.kit.pulse import pulse
from app.kit.store import existing, maintain_runs
from app.tasks import panels
from engine.store import Status

_EVERY = 0.5
_OTHERS = (Panel("Learning rate", "", RATE), Panel("Images/s", "", (Line("images_per_second", "images/s"),)),
           Panel("Memory", "", (Line("memory", "memory"),)))


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
            known = recorded(run)
            drawn = [panel for panel in (*panels([run]), *_OTHERS) if any(line.metric in known for line in panel.lines)]
            if not drawn:
                st.caption("No curves recorded yet." if busy else "No curves were recorded.")
                return
            axis = st.segmented_control("Against", list(Axis), default=Axis.EPOCH, required=True, key="run_axis",
                                        label_visibility="collapsed", persist_state="session")
            with st.grid(3, min_column_width=340, gap="medium"):
                for panel in drawn:
                    with st.container(gap="xxsmall", border=True):
                        st.markdown(f"**{panel.title}** &nbsp; :gray[:small[{panel.note}]]" if panel.note
                                    else f"**{panel.title}**")
                        chart(curves([run], panel.lines, axis=Axis(axis), percent=panel.percent, height=240),
                              key=f"run_{panel.title}")
