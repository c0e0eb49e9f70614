"""Live: running and queued runs, and the curves of the chosen ones as they grow."""

import streamlit as st

from app.charts import choose_view
from app.charts.panels import RATE
from app.kit.choice import choose_runs
from app.kit.frame import empty, heading
from app.kit.pulse import redraw_on_change
from app.kit.store import runs, store
from app.live.monitor import slots, watch
from app.tasks import panels
from engine.store import Status

with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    heading("Live")
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
known = panels(chosen)
view, drawn = choose_view(chosen, known, [panel.title for panel in (*known, RATE)])
watch([run.id for run in chosen], view, drawn)
