"""Runs grouped by options: a row a group, with the mean and the spread of each figure."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.kit.address import remember
from app.runs.columns import columns_of, differing_options, known_columns
from engine.analysis.compare import label
from engine.store import Run

_SEED = "seed"
_CC = st.column_config


def choose_groups(runs: Sequence[Run]) -> list[str]:
    """Draw the choice of the options to group by; by default all that differ but the seed."""
    fields = differing_options(runs)
    remember("runs_groups", "runs_groups", tuple(field for field in fields if field != _SEED)[:3], fields)
    return st.multiselect("Group by", fields, format_func=label, key="runs_groups", persist_state="session",
                          placeholder="Options", width=520)


def grouped(runs: Sequence[Run], fields: Sequence[str], shown: Sequence[str]) -> tuple[pd.DataFrame, list[list[int]]]:
    """Return a row a group, largest first, and the ids of each group's runs.

    Of every figure there is the mean over the runs that have it, its standard deviation over n − 1 (empty for one run),
    and their number where not all have it.
    """
    columns = {name: column for name, column in columns_of(runs, shown).items() if column.metric is not None}
    known = known_columns()
    groups: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        groups.setdefault(tuple(known[field].value(run) for field in fields), []).append(run)
    rows, members = [], []
    for levels, found in sorted(groups.items(), key=lambda item: -len(item[1])):
        row = {label(field): level for field, level in zip(fields, levels, strict=True)} | {"n": len(found)}
        for column in columns.values():
            values = pd.Series([value for run in found if (value := column.value(run)) is not None], dtype=float)
            digits = column.metric.digits if column.metric is not None else 0
            row |= {column.title: round(values.mean(), digits), f"± {column.title}": round(values.std(), digits)}
            if len(values) < len(found):
                row["measured"] = min(len(values), row.get("measured", len(values)))
        rows.append(row)
        members.append([run.id for run in found])
    return pd.DataFrame(rows), members


def groups_table(runs: Sequence[Run], fields: Sequence[str], shown: Sequence[str]) -> list[int]:
    """Draw the groups and return the ids of all runs in the selected ones."""
    data, members = grouped(runs, fields, shown)
    config: dict[str, Any] = {"n": _CC.NumberColumn("n", width=48, help="Runs in the group."),
                              "measured": _CC.NumberColumn("Measured", width=76, help="Runs with the rarest figure.")}
    for name, column in columns_of(runs, shown).items():
        if column.metric is not None and name:
            config[column.title] = column.config
            config[f"± {column.title}"] = _CC.NumberColumn(
                "± sd", format=f"%.{min(column.metric.digits, 4)}f", width=72, help="Standard deviation over n − 1.")
    event: Any = st.dataframe(data, hide_index=True, column_config=config, on_select="rerun", placeholder="–",
                              selection_mode="multi-row", key=f"runs_groups_table_{'_'.join(fields)}")
    return [run_id for row in event["selection"]["rows"] if row < len(members) for run_id in members[row]]
