"""A run's options, those that were chosen first, and the command that repeats it."""

import pandas as pd
import streamlit as st

from app.form.fields import option_text
from app.kit.guard import guarded
from engine.analysis.compare import config_diff, label
from engine.cli.command import train_command
from engine.config import RunConfig
from engine.store import Run
from engine.tasks import TASKS

_CC = st.column_config
_COLUMNS = {"Option": _CC.TextColumn(width=170), "Value": _CC.TextColumn(width=260),
            "Default": _CC.TextColumn(width=170)}


def options(run: Run) -> None:
    """Draw the options that differ from their defaults, all others on demand, and the command."""
    changed, others = option_tables(run)
    st.subheader("Options", anchor=False)
    if changed.empty:
        st.caption("Every option is at its default.")
    else:
        st.dataframe(changed, hide_index=True, column_config=_COLUMNS, placeholder="–")
    with st.expander(f"{len(others)} options at their defaults"):
        st.dataframe(others[["Option", "Value"]], hide_index=True, column_config=_COLUMNS, placeholder="–")
    if not run.is_imported:
        st.markdown("**The same again**")
        with guarded():
            st.code(train_command(run.config_object()), language="bash", wrap_lines=True)


def option_tables(run: Run) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the options that differ from the defaults of the run's task, and all others, a row each."""
    defaults = {field: info.default for field, info in RunConfig.model_fields.items()} | dict(TASKS[run.task].defaults)
    rows = [({"Option": label(field), "Value": option_text(run, field, value),
              "Default": option_text(run, field, defaults[field])},
             value is not None and _differs(value, defaults[field]))
            for field, (value,) in config_diff([run], hide_equal=False)]
    columns = list(_COLUMNS)
    return (pd.DataFrame([row for row, differs in rows if differs], columns=columns),
            pd.DataFrame([row for row, differs in rows if not differs], columns=columns))


def _differs(value: object, default: object) -> bool:
    return (list(value) if isinstance(value, tuple) else value) != (
        list(default) if isinstance(default, tuple) else default)
