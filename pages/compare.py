"""Compare: curves, metrics and differing options of several runs."""

from pkgutil import resolve_name

import streamlit as st

from app.charts import chart
from app.charts.curves import RATE, Axis, Line, Panel, curves
from app.compare.tables import as_csv, differences, figures_table
from app.kit.choice import choose_runs
from app.kit.frame import empty, heading
from app.kit.store import runs
from app.tasks import panels, validated, view_of

OTHERS = (Panel("Learning rate", "", RATE), Panel("Images/s", "", (Line("images_per_second", "images/s"),)),
          Panel("Memory", "", (Line("memory", "memory"),)))

heading("Compare")
started = [run for run in runs() if run.step or run.is_imported]
if len(started) < 2:
    empty("A comparison needs two runs", "Launch another with one option changed; a comma list in a field makes both.",
          "launch", "Launch a run")
    st.stop()
chosen = choose_runs("compare", started, [run.id for run in started if run.archived_at is None][:2])
if len(chosen) < 2:
    empty("Choose two runs or more", "Select them above, or on the Runs page.", "runs", "Open the runs")
    st.stop()

with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    drawn = {panel.title: panel for panel in (*validated(chosen), *panels(chosen), *OTHERS)}
    metric = st.selectbox("Metric", list(drawn), key="compare_metric", width=240, persist_state="session")
    axis = st.segmented_control("Against", list(Axis), default=Axis.EPOCH, required=True, key="compare_axis",
                                persist_state="session")
with st.container(border=True):
    chart(curves(chosen, drawn[metric].lines, axis=Axis(axis), percent=drawn[metric].percent, height=400),
          key=f"compare_{metric}_{axis}")

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.subheader("Figures", anchor=False, width="content")
    st.download_button("CSV", as_csv(chosen), "darkroom-comparison.csv", "text/csv", icon=":material/download:")
figures_table(chosen)

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.subheader("Options", anchor=False, width="content")
    everything = st.toggle("Show equal options", key="compare_everything", persist_state="session")
rows = differences(chosen, hide_equal=not everything)
if rows.empty:
    st.caption("These runs have the same options and the same seed.")
else:
    st.dataframe(rows, hide_index=True)

for section in dict.fromkeys(section for run in chosen for section in view_of(run.task).compared):
    resolve_name(section)(chosen)
