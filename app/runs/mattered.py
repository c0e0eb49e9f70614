"""How much each option mattered for a figure of the runs."""

from collections.abc import Sequence

import streamlit as st

from app.kit.columns import share_bar
from app.kit.words import counted, plain
from app.runs.charts import axes_of, choose, most_measured, values_of
from engine.analysis.importance import FEWEST_RUNS, importance
from engine.store import Run


def what_mattered(runs: Sequence[Run], shown: Sequence[str]) -> list[int]:
    """Draw the importance of each option for being among the best tenth by a figure."""
    figures, options = axes_of(runs, shown)
    ranked = {name: column for name, column in figures.items()
              if column.metric is not None and column.metric.higher_is_better is not None}
    if not ranked or not options:
        st.caption("There is no figure, or no option that differs, to compare.")
        return []
    name = choose("Figure", "runs_importance", ranked, most_measured(runs, ranked))
    measured = [run for run in runs if ranked[name].value(run) is not None]
    if len(measured) < FEWEST_RUNS:
        st.caption(f"{counted(len(measured), 'run')} with this figure; the importance of options is told from "
                   f"{FEWEST_RUNS} on.")
        return []
    metric = ranked[name].metric
    sign = 1 if metric is not None and metric.higher_is_better else -1
    found = importance({column.title: values_of(measured, column, field).values for field, column in options.items()},
                       [sign * float(ranked[name].value(run)) for run in measured])
    st.dataframe({"Option": list(found), "Importance": [100 * share for share in found.values()]},
                 column_config={"Importance": share_bar(help="Share of the differences between the best tenth of the "
                                                             "runs and all of them.")})
    st.caption(f"By PED-ANOVA (Watanabe et al., 2023), of {counted(len(measured), 'run')}: how much the options of the "
               f"best tenth by {plain(ranked[name].title)} differ from those of all. It tells of these runs, not of "
               "cause and effect; what matters no more than the seed may be chance.")
    return []
