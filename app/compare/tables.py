"""Runs side by side: their metrics, and the options in which they differ."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.form.fields import option_text
from app.kit.columns import column_value, number_column
from app.kit.looks import OPENS, colour, label, link_colour
from app.kit.navigation import go
from engine.analysis.compare import config_diff
from engine.analysis.compare import label as option_label
from engine.catalog.metric import Metric, Shown
from engine.catalog.metrics import metrics_shown
from engine.store import Run

_CC = st.column_config
_SCRIPTS = ("best_val_accuracy", "last_val_accuracy", "test_accuracy")


def figures(runs: Sequence[Run]) -> pd.DataFrame:
    """Return one row per run with its metrics, scores in percent, under their titles."""
    return pd.DataFrame([{"Run": label(run), **{title: column_value(row, run.figure(key))
                                                 for title, (key, row) in _columns(runs).items()}}
                         for run in runs])


def figures_table(runs: Sequence[Run]) -> None:
    """Draw the metrics, with the best of each column in bold if all runs have one task."""
    data = figures(runs)
    data.insert(0, "●", "●")
    styled = data.style.apply(lambda _: [f"color: {colour(run.id)}" for run in runs], subset=["●"])
    same_task = len({run.task for run in runs}) == 1
    titled = _columns(runs)
    for title, (_, row) in titled.items():
        known = data[title].dropna()
        if same_task and known.nunique() > 1:
            winner = known.max() if row.higher_is_better else known.min()
            styled = styled.apply(lambda column, winner=winner: [
                "font-weight: 700" if value == winner else "" for value in column], subset=[title])
    config: dict[str, Any] = {title: number_column(row, title) for title, (_, row) in titled.items()}
    styled = styled.set_properties(subset=["Run"], color=link_colour())
    config |= {"●": _CC.TextColumn("", width=30), "Run": _CC.TextColumn(pinned=True, help=OPENS)}
    event: Any = st.dataframe(styled, column_config=config, hide_index=True, placeholder="–", key="compare_figures",
                              on_select="rerun", selection_mode="single-cell")
    for row, name in event["selection"].get("cells", []):
        if name == "Run" and row < len(runs):
            go("run", [runs[row].id])


def differences(runs: Sequence[Run], *, hide_equal: bool) -> pd.DataFrame:
    """Return one row per option and one column per run."""
    names = [label(run) for run in runs]
    return pd.DataFrame([
        {"Option": option_label(field), **{name: option_text(run, field, value)
                                           for name, run, value in zip(names, runs, values, strict=True)}}
        for field, values in config_diff(runs, hide_equal=hide_equal)])


def as_csv(runs: Sequence[Run]) -> bytes:
    """Return metrics and all options as UTF-8 CSV, one row per run."""
    options = pd.DataFrame(dict(config_diff(runs, hide_equal=False)))
    ids = pd.DataFrame([{"id": run.id, "name": run.name, "status": run.status.value} for run in runs])
    rows = metrics_shown(Shown.RUNS | Shown.FEW)
    plain = pd.DataFrame([{name: getattr(run, name) for name in _SCRIPTS}
                          | {key if row.column else f"test_{key}": run.figure(key) for key, row in rows.items()}
                          for run in runs])
    return pd.concat([ids, plain, options], axis=1).to_csv(index=False).encode()


def _columns(runs: Sequence[Run]) -> dict[str, tuple[str, Metric]]:
    """Return the metrics that any run has, by title; titles name the score if all runs share one."""
    names = {run.score_name for run in runs}
    score = names.pop() if len(names) == 1 else "score"
    return {f"{row.heading} {score}" if key.endswith("_score") else row.run_heading: (key, row)
            for key, row in metrics_shown(Shown.RUNS | Shown.FEW).items()
            if any(run.figure(key) is not None for run in runs)}
