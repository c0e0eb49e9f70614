"""Run: everything that is known of one run, and what can be done with it."""

import streamlit as st

from app.kit.choice import choose_run
from app.kit.controls import controls
from app.kit.frame import empty, heading
from app.kit.store import runs
from app.run.facts import facts
from app.run.files import checkpoints, downloads, events
from app.run.head import actions, annotations, offer_trashed
from app.run.kin import kin
from app.run.log import log
from app.run.options import options
from app.run.watching import watch

heading("Run")
if offer_trashed():
    st.stop()
found = runs()
if not found:
    empty("No runs yet", "Every run you launch has a page of its own.", "launch", "Launch a run")
    st.stop()

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="results_head"):
    run = choose_run("run", found)
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        controls(run, details=False)
        actions(run)
watch(run.id)
annotations(run)

with st.container(key="split_run"):
    left, right = st.columns([2, 1], gap="large")
with left:
    options(run)
    checkpoints(run)
with right:
    kin(run)
    facts(run)
log(run.id)
events(run)
downloads(run)
