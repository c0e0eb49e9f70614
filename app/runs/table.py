"""The table of runs, its filters and its columns."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.form.fields import option_text
from app.kit.columns import column_value, number_column
from app.kit.looks import STATUS_COLOURS, colour
from engine.analysis.compare import config_diff, label
from engine.catalog.metric import Shown
from engine.catalog.metrics import metrics_shown
from engine.store import Run, Status

SHOWN = ("status", "name", "error", "best_val_score", "last_val_score", "test_score", "train_loss", "dataset", "model",
         "seconds", "images_per_second", "peak_memory", "created")
_IF_ANY = ("error", "loss")
"""Columns that are hidden if they are empty."""
_COSTS = ("seconds", "images_per_second", "peak_memory", "parameters")
"""Columns to the right of data set and model."""
_ROW, _HEADER = 33, 36
_CC = st.column_config


def columns() -> dict[str, Any]:
    """Return every column of the table, with its title and format."""
    figures = {key: number_column(row, row.run_heading, width=88) for key, row in metrics_shown(Shown.RUNS).items()}
    return {
        "id": _CC.NumberColumn("#", width=52, format="%d"),
        "status": _CC.MultiselectColumn("Status", options=[status.value for status in Status], width=96,
                                        color=[STATUS_COLOURS[status].hex for status in Status]),
        "name": _CC.TextColumn("Name", width=230),
        "error": _CC.TextColumn("Error", width=220),
        **{key: column for key, column in figures.items() if key not in _COSTS},
        "dataset": _CC.TextColumn("Data set", width=92),
        "model": _CC.TextColumn("Model", width=132),
        **{key: figures[key] for key in _COSTS},
        "epoch": _CC.NumberColumn("Epoch", width=64),
        "tags": _CC.ListColumn("Tags", width=120),
        "notes": _CC.TextColumn("Notes", width=160),
        "created": _CC.DatetimeColumn("Created", format="D MMM, HH:mm", width=104),
    }


def table(runs: Sequence[Run], shown: Sequence[str], key: str) -> list[int]:
    """Draw the runs and return the ids of the selected ones, in the table's order."""
    differing = {field: values for field, values in config_diff(runs) if field not in ("dataset", "model")}
    data = pd.DataFrame([_row(run) for run in runs])
    shown = [name for name in shown if name not in _IF_ANY or data[name].notna().any()]
    for field, values in differing.items():
        data[field] = [option_text(run, field, value) for run, value in zip(runs, values, strict=True)]
    place = 1 + max((shown.index(name) for name in ("name", "dataset", "model") if name in shown), default=0)
    order = ["●", "id", *shown[:place], *differing, *shown[place:]]
    config = columns() | {field: _CC.TextColumn(label(field), width=96) for field in differing}
    widget, kept = _widget(key, [run.id for run in runs])
    event: Any = st.dataframe(
        data.style.apply(lambda _: [f"color: {colour(run.id)}" for run in runs], subset=["●"]),
        column_order=order, column_config=config | {"●": _CC.TextColumn("", width=30)}, hide_index=True, key=widget,
        on_select="rerun", selection_mode="multi-row", selection_default={"selection": {"rows": kept}},
        height=min(_HEADER + _ROW * len(runs), 640), placeholder="–")
    return [runs[row].id for row in event["selection"]["rows"] if row < len(runs)]


def _widget(key: str, ids: list[int]) -> tuple[str, list[int]]:
    """Return the key of the widget that shows these runs, and its initially selected rows.

    Streamlit selects rows, not runs: if the runs change, a new widget takes over the selection of the old one.
    """
    widget, drawn = st.session_state.get(f"{key}_drawn", (key, ids))
    if drawn == ids:
        st.session_state[f"{key}_drawn"] = widget, ids
        return widget, []
    rows = st.session_state.get(widget, {}).get("selection", {}).get("rows", [])
    chosen = {drawn[row] for row in rows if row < len(drawn)}
    widget = f"{key}_{max(ids)}_{len(ids)}_{hash(tuple(ids)):x}"
    st.session_state[f"{key}_drawn"] = widget, ids
    return widget, [row for row, run_id in enumerate(ids) if run_id in chosen]


def _row(run: Run) -> dict[str, Any]:
    return {
        "●": "●", "id": run.id, "status": [run.status.value], "name": run.name, "dataset": run.option_text("dataset"),
        "model": run.option_text("model"),
        **{key: column_value(row, run.figure(key)) for key, row in metrics_shown(Shown.RUNS).items()},
        "epoch": run.epoch, "tags": list(run.tags), "notes": run.notes, "error": run.remark,
        "created": pd.Timestamp(run.created_at, unit="s", tz="UTC").tz_convert(st.context.timezone or "UTC"),
    }


def filter_runs(runs: Sequence[Run]) -> list[Run]:
    """Draw the filters and return the runs that pass all of them."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        text = st.text_input("Search", key="runs_text", placeholder="Search names, notes and tags", live=True,
                             type="search", label_visibility="collapsed", width=300, persist_state="session")
        statuses = _choose("Status", [status.value for status in Status if status in {run.status for run in runs}])
        datasets = _choose("Data set", sorted({value for run in runs if (value := run.option_text("dataset"))}))
        models = _choose("Model", sorted({value for run in runs if (value := run.option_text("model"))}))
        tags = _choose("Tag", sorted({tag for run in runs for tag in run.tags}))
    words = (text or "").lower().split()
    return [run for run in runs
            if all(word in f"{run.name} {run.notes} {' '.join(run.tags)}".lower() for word in words)
            and (not statuses or run.status in statuses) and (not datasets or run.option_text("dataset") in datasets)
            and (not models or run.option_text("model") in models) and (not tags or set(tags) & set(run.tags))]


def choose_columns() -> list[str]:
    """Draw the column chooser and return the names of the columns to show."""
    known = {name: config["label"] for name, config in columns().items() if name != "id"}
    with st.popover("Columns", icon=":material/view_column:"):
        picked = st.pills("Columns", list(known), default=list(SHOWN), format_func=known.__getitem__,
                          selection_mode="multi", key="runs_columns", label_visibility="collapsed",
                          persist_state="session")
    return [name for name in known if name in picked]


def _choose(label: str, options: list[str]) -> list[str]:
    if not options:
        return []
    return st.multiselect(label, options, key=f"runs_{label.lower().replace(' ', '_')}", placeholder=label,
                          label_visibility="collapsed", width=170, persist_state="session")
