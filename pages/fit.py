"""Fit: models, batch and picture sizes against memory, as measured or predicted; and what accuracy costs."""

import streamlit as st

from app.charts import chart
from app.fit.table import capacity_line, choose_configs, legend, pareto, table
from app.kit.frame import heading
from app.kit.navigation import go
from app.kit.store import runs
from engine.analysis.pareto import COSTS, comparable, front

heading("Fit", "Which models fit into memory and how fast they are, measured or predicted; and what accuracy costs.")
query = choose_configs()
st.caption(capacity_line(query.capacity))
if query.configs:
    table(query)
    legend()
for mistake in query.mistakes:
    st.caption(f":red[{mistake}]")

with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    st.subheader("Accuracy and cost", anchor=False, width="content")
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        log = st.toggle("Logarithmic", key="fit_log", persist_state="session")
        against = st.segmented_control("Against", list(COSTS), default="Parameters", required=True, key="fit_cost",
                                       label_visibility="collapsed", persist_state="session")
cost = COSTS[str(against)]
shown = [run for run in runs() if run.config["dataset"] == query.dataset]
points = comparable(shown, cost)
if not points:
    st.caption(f"No run of {query.dataset} has an accuracy and this cost yet.")
    st.stop()
with st.container(border=True):
    clicked = chart(pareto(shown, cost, log=log), key=f"fit_pareto_{cost.column}_{log}")
best = front(points)
st.caption(f"The line joins {len(best)} of {len(points)} runs of {query.dataset}, the Pareto front: no other run is as "
           "accurate at a lower cost. Accuracy is on the test set if tested, else the best on validation. Click a run "
           "to open it.")
if clicked and clicked.trace == "runs" and clicked.row < len(points):
    run = points[clicked.row][0]
    go("results" if run.test_score is not None else "live", [run.id])
