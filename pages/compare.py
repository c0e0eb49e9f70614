"""Compare: curves, metrics and differing options of several runs."""

from pkgutil import resolve_name

import streamlit as st

from app.charts import show_curves
from app.compare.tables import as_csv, differences, figures_table
from app.kit.address import remember
from app.kit.choice import choose_runs
from app.kit.frame import empty, heading
from app.kit.store import runs
from app.tasks import panels, validated, view_of

_MOST = 250

heading("Compare")
started = [run for run in runs() if run.step or run.is_imported]
if len(started) < 2:
    empty("A comparison needs two runs", "Launch another with one option changed; a comma list in a field makes both.",
          "launch", "Launch a run")
    st.stop()
first = [run.id for run in started if run.archived_at is None][:2]
chosen = choose_runs("compare", started, first, most=_MOST)
if len(chosen) < 2:
    empty("Choose two runs or more", "Select them above, or on the Runs page.", "runs", "Open the runs")
    st.stop()

in_validation = validated(chosen)
st.fragment(show_curves)(chosen, [*in_validation, *panels(chosen)], [in_validation[0].title], height=400)

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.subheader("Figures", anchor=False, width="content")
    st.download_button("CSV", as_csv(chosen), "darkroom-comparison.csv", "text/csv", icon=":material/download:")
figures_table(chosen)

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.subheader("Options", anchor=False, width="content")
    remember("equal", "compare_everything", default=False)
    everything = st.toggle("Show equal options", key="compare_everything", persist_state="session")
rows = differences(chosen, hide_equal=not everything)
if rows.empty:
    st.caption("These runs have the same options and the same seed.")
else:
    st.dataframe(rows, hide_index=True)

for section in dict.fromkeys(section for run in chosen for section in view_of(run.task).compared):
    resolve_name(section)(chosen)
