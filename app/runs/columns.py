"""The columns of the table of runs: facts, figures and options, each a title and a value of every run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from app.form.fields import option_text
from app.kit.address import remember
from app.kit.columns import column_value, number_column
from app.kit.looks import OPENS, STATUS_COLOURS
from app.kit.store import runs as every_run
from app.kit.store import store
from engine.analysis.compare import differing, label
from engine.catalog.metric import Metric, Shown
from engine.catalog.metrics import METRICS, metrics_shown
from engine.config import RunConfig
from engine.store import Run, Status

SHOWN = ("status", "name", "error", "best_val_score", "last_val_score", "test_score", "train_loss", "dataset", "model",
         "differing", "seconds", "images_per_second", "peak_memory", "created")
DIFFERING = "differing"
MARK = "⚠"
_IF_ANY = ("error", "loss")
"""Columns that are hidden if they are empty."""
_NOT_FIELDS = ("name", "tags", "notes")
_DIFFERED: dict[str, tuple[Run, dict[int, Run], set[str]]] = {}
"""By store: a run that all others were compared with, those, and the fields in which any of them differed."""
_VALUES: dict[tuple[str, str], tuple[list[Run], NDArray[Any]]] = {}
"""By store and column, the runs at the last version, and their values."""
_NONE: tuple[list[Run], NDArray[Any]] = ([], np.empty(1, object))
_KEPT: list[Any] = []
"""The runs of two versions, and what :func:`_kept_places` said of them: all columns ask the same."""
_CC = st.column_config
_NARROW, _LETTER = 104, 8
"""Width in pixels of the column of a score, and of a letter in its title."""


@dataclass(frozen=True)
class Column:
    """A column: its title, how it is drawn, and its value of a run."""

    title: str
    config: Any
    value: Callable[[Run], Any]
    metric: Metric | None = None


def known_columns() -> dict[str, Column]:
    """Return every column that can be chosen, by its name."""
    figures = {key: _figure(key) for key in (*metrics_shown(Shown.RUNS), *METRICS)}
    return {
        "status": Column("Status", _CC.MultiselectColumn(
            "Status", options=[*(status.value for status in Status), MARK], width=112,
            color=[*(STATUS_COLOURS[status].hex for status in Status), STATUS_COLOURS[Status.FAILED].hex]),
            lambda run: [run.status.value]),
        "name": Column("Name", _CC.TextColumn("Name", width=260, pinned=True, help=OPENS),
                       lambda run: run.name),
        "error": Column("Error", _CC.TextColumn("Error", width=150), lambda run: run.remark),
        **figures,
        "epoch": Column("Epoch", _CC.NumberColumn("Epoch", width=64), lambda run: run.epoch),
        "tags": Column("Tags", _CC.ListColumn("Tags", width=120), lambda run: list(run.tags)),
        "notes": Column("Notes", _CC.TextColumn("Notes", width=160), lambda run: run.notes),
        "created": Column("Created", _CC.DatetimeColumn("Created", format="D MMM, HH:mm", width=104),
                          lambda run: run.created_at),
        DIFFERING: Column("Options that differ", None, lambda run: None),
        **{field: option_column(field) for field in RunConfig.model_fields if field not in _NOT_FIELDS},
    }


def _figure(key: str) -> Column:
    row = METRICS[key]
    return Column(row.run_heading, number_column(row, row.run_heading, width=88),
                  lambda run: column_value(row, run.figure(key)), row)


def option_column(field: str) -> Column:
    """Return the column of an option, as its field of the form shows it."""
    default = RunConfig.model_fields[field].default

    def value(run: Run) -> str | None:
        if field in ("dataset", "model"):
            return run.option_text(field)
        return option_text(run, field, run.config.get(field, default) if run.knows(field) else None)

    return Column(label(field), _CC.TextColumn(label(field), width=132 if field == "model" else 96), value)


def choose_columns() -> list[str]:
    """Draw the column chooser and return the names of the columns to show, in the order they were chosen."""
    known = {name: column.title for name, column in known_columns().items()}
    with st.popover("Columns", icon=":material/view_column:"):
        remember("runs_columns", "runs_columns", SHOWN, known)
        picked = st.multiselect("Columns", list(known), format_func=known.__getitem__, width=420, key="runs_columns",
                                label_visibility="collapsed", persist_state="session")
        st.caption("Any figure or option. The choice stays in the address, which can be kept as a bookmark or a view.")
    return list(picked) or ["name"]


def columns_of(runs: Sequence[Run], shown: Sequence[str]) -> dict[str, Column]:
    """Return the columns to draw for these runs: differing options in their place, scores apart by their name.

    A detector's mAP and a classifier's accuracy never share a column.
    """
    known, found = known_columns(), dict[str, Column]()
    scores = list(dict.fromkeys(run.score_name for run in runs))
    for name in shown:
        if name == DIFFERING:
            found |= {field: known[field] for field in differing_options(runs) if field not in shown}
        elif name.endswith("_score"):
            found |= _by_score(name, known[name], scores)
        elif name not in _IF_ANY or any(known[name].value(run) is not None for run in runs):
            found[name] = known[name]
    return found


def differing_options(runs: Sequence[Run]) -> list[str]:
    """Return the options in which runs differ; of thousands, only those are compared in which any two runs differ."""
    return differing(runs, _ever_differing(str(store().path), store().version()))


@st.cache_resource(show_spinner=False, max_entries=2)
def _ever_differing(path: str, version: int) -> list[str]:
    """Return the fields in which any two runs differ, or did; only runs that have changed are looked at."""
    runs = every_run()
    whole = next((run for run in reversed(runs) if not run.is_imported), None)
    if whole is None:
        return differing(runs)
    base, looked, found = _DIFFERED.get(path, (whole, {}, set()))
    fresh = [run for run in runs if looked.get(run.id) is not run]
    found |= {*differing([base, *fresh], [field for field in RunConfig.model_fields if field not in found])}
    _DIFFERED[path] = base, {run.id: run for run in runs}, found
    return [field for field in RunConfig.model_fields if field in found]


def _by_score(name: str, column: Column, scores: Sequence[str]) -> Mapping[str, Column]:
    assert column.metric is not None
    metric = column.metric
    if len(scores) == 1:
        title = f"{column.title} {scores[0]}"
        return {name: Column(title, _score_column(metric, title), column.value, metric)}

    def of(score: str) -> Column:
        title = f"{column.title} {score}"
        return Column(title, _score_column(metric, title),
                      lambda run: column.value(run) if run.score_name == score else None, metric)

    return {f"{name} {score}": of(score) for score in scores}


def _score_column(metric: Metric, title: str) -> Any:
    return number_column(metric, title, width=max(_NARROW, _LETTER * len(title)))


def all_values(name: str) -> NDArray[Any]:
    """Return a column's value of every run."""
    return _values(str(store().path), store().version(), name, known_columns()[name])


def frame_of(runs: Sequence[Run], columns: Mapping[str, Column]) -> pd.DataFrame:
    """Return a row a run, in the units of the columns."""
    path, version = str(store().path), store().version()
    places = _places(path, version)
    rows = [places.get(run.id, -1) for run in runs]
    data = pd.DataFrame({"id": [run.id for run in runs]})
    for name, column in columns.items():
        # Of runs that were read since, the cached column knows nothing.
        data[name] = [column.value(run) for run in runs] if -1 in rows else _values(path, version, name, column)[rows]
    if "created" in data:
        zone = st.context.timezone or "UTC"
        data["created"] = pd.to_datetime(data["created"], unit="s", utc=True).dt.tz_convert(zone)
    return data


@st.cache_resource(show_spinner=False, max_entries=2)
def _places(path: str, version: int) -> dict[int, int]:
    return {run.id: place for place, run in enumerate(every_run())}


@st.cache_resource(show_spinner=False, max_entries=128)
def _values(path: str, version: int, name: str, _column: Column) -> NDArray[Any]:
    """Return a column of all runs, as :func:`_places` orders them; only values of runs that have changed are new."""
    runs = every_run()
    before, known = _VALUES.get((path, name), _NONE)
    kept = _kept_places(before, runs)
    found = known[kept]
    for place in np.flatnonzero(kept < 0):
        found[place] = _column.value(runs[place])
    _VALUES[path, name] = runs, found if len(found) else known
    return found if _column.metric is None else found.astype(float)


def _kept_places(before: list[Run], runs: list[Run]) -> NDArray[np.intp]:
    """Return the place among the runs before of each that is the same; −1: it has changed, or is new."""
    if not (_KEPT and _KEPT[0] is before and _KEPT[1] is runs):
        places = {id(run): place for place, run in enumerate(before)}
        # What is said of a live run depends on the time, too.
        _KEPT[:] = before, runs, np.array([-1 if run.is_live else places.get(id(run), -1) for run in runs], np.intp)
    kept: NDArray[np.intp] = _KEPT[2]
    return kept
