"""Live: running and queued runs, and the curves of the chosen ones as they grow."""

import streamlit as st

from app.charts.curves import Axis
from app.kit.choice import choose_runs
from app.kit.frame import empty, heading
from app.kit.pulse import redraw_on_change
from app.kit.store import runs, store
from app.live.monitor import slots, view, watch
from engine.store import Status

with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    heading("Live")
    with st.container(horizontal=True, width="content"):
        axis, log = view()
        slots()

version = store().version()
found = runs()
if not found:
    empty("Nothing has run yet", "Launch a first run; Digits trains in seconds and needs no download.", "launch",
          "Launch a run")
    redraw_on_change("live_first", version, every=0.5, patience=3600)
    st.stop()

busy = [run.id for run in found if run.is_live]
default = busy[:5] or [run.id for run in found if run.status is not Status.QUEUED][:1] or [found[0].id]
chosen = choose_runs("live", found, default)
watch([run.id for run in chosen], Axis(axis), log)
