"""Fit: models, batch and picture sizes against memory, as measured or predicted; and what accuracy costs."""

import streamlit as st

from app.charts import chart
from app.fit.pareto import caption, pareto
from app.fit.query import choose_configs
from app.fit.table import capacity_line, legend, table
from app.kit.address import remember
from app.kit.frame import heading, show_mistake
from app.kit.navigation import go
from app.kit.store import runs
from engine.analysis.pareto import COSTS, comparable

heading("Fit", "Which models fit into memory and how fast they are, measured or predicted; and what a higher score "
        "costs.")
query = choose_configs()
st.caption(capacity_line(query.capacity))
if query.configs:
    table(query)
    legend()
for mistake in query.mistakes:
    show_mistake(mistake)

with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    st.subheader("Score and cost", anchor=False, width="content")
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        remember("log", "fit_log", default=False)
        remember("cost", "fit_cost", next(iter(COSTS)), COSTS)
        log = st.toggle("Logarithmic", key="fit_log", persist_state="session")
        against = st.segmented_control("Cost", list(COSTS), required=True, key="fit_cost",
                                       label_visibility="collapsed", persist_state="session")
cost = COSTS[str(against)]
shown = [run for run in runs() if run.config["dataset"] == query.dataset]
points = comparable(shown, cost)
if not points:
    st.caption(f"No run of {query.dataset} has a score and this cost yet.")
    st.stop()
with st.container(border=True):
    clicked = chart(pareto(shown, cost, log=log), key=f"fit_pareto_{cost.column}_{log}")
st.caption(caption(points, query.dataset))
if clicked and clicked.trace == "runs" and clicked.row < len(points):
    run = points[clicked.row][0]
    go("results" if run.test_score is not None else "live", [run.id])
