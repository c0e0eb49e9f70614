"""Runs side by side: their figures, and the options in which they differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.choice import label
from app.colours import colour
from app.form.fields import text_of
from app.runs_table import LOSS, PERCENT, SECONDS, hundredfold, rounded
from engine.analysis.compare import config_diff
from engine.analysis.compare import label as option_label
from engine.store import Run

_CC = st.column_config
_FIGURES = (
    ("best_val_accuracy", "Best val accuracy", PERCENT, max),
    ("last_val_accuracy", "Last val accuracy", PERCENT, max),
    ("test_accuracy", "Test accuracy", PERCENT, max),
    ("test_loss", "Test loss", LOSS, min),
    ("last_val_loss", "Val loss", LOSS, min),
    ("train_loss", "Train loss", LOSS, min),
    ("seconds", "Time", SECONDS, min),
    ("images_per_second", "Images/s", "localized", max),
    ("peak_memory", "Memory", "bytes", min),
)


def figures(runs: Sequence[Run]) -> pd.DataFrame:
    """One row a run: its figures, accuracies in percent; columns named for people."""
    return pd.DataFrame([{"Run": label(run), **{title: _value(run, name) for name, title, _, _ in _FIGURES}}
                         for run in runs])


def figures_table(runs: Sequence[Run]) -> None:
    """The figures, each column's best in bold."""
    data = figures(runs)
    data.insert(0, "●", "●")
    styled = data.style.apply(lambda _: [f"color: {colour(run.id)}" for run in runs], subset=["●"])
    for _, title, _, best in _FIGURES:
        known = data[title].dropna()
        if known.nunique() > 1:
            winner = best(known)
            styled = styled.apply(lambda column, winner=winner: [
                "font-weight: 700" if value == winner else "" for value in column], subset=[title])
    config: dict[str, Any] = {title: _CC.NumberColumn(title, format=form) for _, title, form, _ in _FIGURES}
    st.dataframe(styled, column_config=config | {"●": _CC.TextColumn("", width=30)}, hide_index=True, placeholder="–")


def differences(runs: Sequence[Run], *, hide_equal: bool) -> pd.DataFrame:
    """One row an option, one column a run."""
    names = [label(run) for run in runs]
    return pd.DataFrame([{"Option": option_label(field), **dict(zip(names, map(_told, values), strict=True))}
                         for field, values in config_diff(runs, hide_equal=hide_equal)])


def _told(value: Any) -> str | None:
    return None if value is None else text_of(value)


def as_csv(runs: Sequence[Run]) -> bytes:
    """Figures and all options, one row a run, as UTF-8 CSV."""
    options = pd.DataFrame(dict(config_diff(runs, hide_equal=False)))
    ids = pd.DataFrame([{"id": run.id, "name": run.name, "status": run.status.value} for run in runs])
    plain = pd.DataFrame([{name: getattr(run, name) for name, *_ in _FIGURES} for run in runs])
    return pd.concat([ids, plain, options], axis=1).to_csv(index=False).encode()


def _value(run: Run, figure: str) -> float | None:
    value: float | None = getattr(run, figure)
    if figure.endswith("accuracy"):
        return hundredfold(value)
    if figure == "seconds":
        return value or None
    return rounded(value) if figure == "images_per_second" else value
