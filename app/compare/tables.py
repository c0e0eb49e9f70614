"""Runs side by side: their figures, and the options in which they differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.form.fields import option_text
from app.kit.looks import colour, label
from app.kit.words import LOSS, PERCENT, SECONDS, hundredfold, rounded
from engine.analysis.compare import config_diff
from engine.analysis.compare import label as option_label
from engine.store import Run

_CC = st.column_config
_FIGURES = (
    ("best_val_score", "Best val {score}", PERCENT, max),
    ("last_val_score", "Last val {score}", PERCENT, max),
    ("test_score", "Test {score}", PERCENT, max),
    ("test_loss", "Test loss", LOSS, min),
    ("last_val_loss", "Val loss", LOSS, min),
    ("train_loss", "Train loss", LOSS, min),
    ("seconds", "Time", SECONDS, min),
    ("images_per_second", "Images/s", "localized", max),
    ("peak_memory", "Memory", "bytes", min),
)


_SCRIPTS = ("best_val_accuracy", "last_val_accuracy", "test_accuracy")


def figures(runs: Sequence[Run]) -> pd.DataFrame:
    """One row a run: its figures, scores in percent; columns named for people."""
    return pd.DataFrame([{"Run": label(run), **{title: _value(run, name) for name, title, _, _ in _titled(runs)}}
                         for run in runs])


def figures_table(runs: Sequence[Run]) -> None:
    """The figures, each column's best in bold; of runs with different tasks none is better."""
    data = figures(runs)
    data.insert(0, "●", "●")
    styled = data.style.apply(lambda _: [f"color: {colour(run.id)}" for run in runs], subset=["●"])
    alike = len({run.task for run in runs}) == 1
    for _, title, _, best in _titled(runs):
        known = data[title].dropna()
        if alike and known.nunique() > 1:
            winner = best(known)
            styled = styled.apply(lambda column, winner=winner: [
                "font-weight: 700" if value == winner else "" for value in column], subset=[title])
    config: dict[str, Any] = {title: _CC.NumberColumn(title, format=form) for _, title, form, _ in _titled(runs)}
    st.dataframe(styled, column_config=config | {"●": _CC.TextColumn("", width=30)}, hide_index=True, placeholder="–")


def differences(runs: Sequence[Run], *, hide_equal: bool) -> pd.DataFrame:
    """One row an option, one column a run."""
    names = [label(run) for run in runs]
    return pd.DataFrame([
        {"Option": option_label(field), **{name: option_text(run, field, value)
                                           for name, run, value in zip(names, runs, values, strict=True)}}
        for field, values in config_diff(runs, hide_equal=hide_equal)])


def as_csv(runs: Sequence[Run]) -> bytes:
    """Figures and all options, one row a run, as UTF-8 CSV."""
    options = pd.DataFrame(dict(config_diff(runs, hide_equal=False)))
    ids = pd.DataFrame([{"id": run.id, "name": run.name, "status": run.status.value} for run in runs])
    plain = pd.DataFrame([{name: getattr(run, name) for name in (*_SCRIPTS, *(name for name, *_ in _FIGURES))}
                          for run in runs])
    return pd.concat([ids, plain, options], axis=1).to_csv(index=False).encode()


def _titled(runs: Sequence[Run]) -> list[tuple[str, str, str, Any]]:
    """The figures that any run has, with their titles, which name the runs' score if it is the same of all."""
    names = {run.score_name for run in runs}
    score = names.pop() if len(names) == 1 else "score"
    return [(name, title.format(score=score), form, best) for name, title, form, best in _FIGURES
            if any(_value(run, name) is not None for run in runs)]


def _value(run: Run, figure: str) -> float | None:
    value: float | None = getattr(run, figure)
    if figure.endswith("score"):
        return hundredfold(value)
    if figure == "seconds":
        return value or None
    return rounded(value) if figure == "images_per_second" else value
