"""The splits that a run makes: counts by class, checks, and duplicates shared between splits."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.charts import Figure, chart
from app.data.audit import copy_tile, load_audit
from app.form.draft import key as launch_key
from app.kit import words
from app.kit.address import remember
from app.kit.frame import show_mistake
from app.kit.pictures import gallery_html
from engine.config import RunConfig, option_of, parse_config
from engine.data import Dataset
from engine.data.audits.split_audit import Nested, Part, nestedness, overlapping, parts_of, shared_copies
from engine.errors import UserError

COLOURS = {"train": "#d2691e", "validation": "#3a7bd0", "left out": "#8a817844", "test": "#2c9a72"}
_FIELDS = {"val_fraction": "0.1", "train_fraction": "1", "seed": "0"}
_LABELLED = 40
_SHOWN = 24


def parts(dataset: Dataset, folder: str) -> None:
    """Draw the splits that a run makes with the chosen seed and fractions."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="parts_asked"):
        config = choose_split(dataset.name, folder)
        if config is None:
            return
        divided = _divided(dataset.fingerprint, config.val_fraction, config.train_fraction, config.seed, dataset,
                           config)
        for part in divided:
            st.metric(part.name.capitalize(), words.count(len(part.ids)), width=88)
    chart(bars_by_class(dataset.classes, {part.name: part.counts for part in divided}, "pictures", 250),
          key="parts_by_class")
    with st.container(key="split_parts"):
        left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Checks", anchor=False)
        _checks(dataset, divided)
    with right:
        st.subheader("Fractions", anchor=False)
        _fractions(dataset, config)


def choose_split(name: str, folder: str) -> RunConfig | None:
    """Choose seed and fractions, initially those of the launch form; return None and show the mistake if invalid."""
    texts = {}
    for field, default in _FIELDS.items():
        key = f"parts_{field}"
        remember(field, key, default, initial=str(st.session_state.get(launch_key(field), default)).partition(",")[0])
        texts[field] = st.text_input(option_of(field).label or field.capitalize(), key=key, width=140, live="400ms",
                                     help=option_of(field).help, persist_state="session")
    try:
        return parse_config({"dataset": name, "data_path": folder, **texts})
    except UserError as error:
        show_mistake(words.told(error))
        return None


@st.cache_resource(show_spinner=False, max_entries=16)
def _divided(fingerprint: str, val_fraction: float, train_fraction: float, seed: int, _dataset: Dataset,
             _config: RunConfig) -> tuple[Part, ...]:
    return parts_of(_dataset, _config)


def bars_by_class(classes: Sequence[str], counts: Mapping[str, NDArray[np.int64]], unit: str, height: int) -> Figure:
    """Draw a bar per class, stacked by split."""
    labelled = len(classes) <= _LABELLED
    traces: list[dict[str, Any]] = [
        {"type": "bar", "uid": name.replace(" ", "-"), "name": name, "x": list(classes), "y": numbers,
         "marker": {"color": COLOURS[name], "line": {"width": 0}}, "hovertemplate": "%{y:,}"}
        for name, numbers in counts.items()]
    layout = {"uirevision": "kept", "barmode": "stack", "bargap": 0.45 if labelled else 0.05, "hovermode": "x unified",
              "margin": {"l": 48, "r": 8, "t": 8, "b": 36},
              "xaxis": {"showgrid": False, "showticklabels": labelled, "type": "category"},
              "yaxis": {"title": {"text": unit}},
              "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"}}
    return Figure(traces, layout, height, stamp="parts")


def _checks(dataset: Dataset, divided: Sequence[Part]) -> None:
    for part in divided:
        absent = [dataset.classes[label] for label in np.flatnonzero(part.counts == 0)]
        if part.name != "left out":
            check(not absent, f"The {part.name} split has every class, at least {words.count(part.counts.min())} of "
                  "each", f"The {part.name} split has no {', '.join(absent[:5])}"
                  + (" and others" if len(absent) > 5 else ""))
    check(not overlapping(divided), "No picture is in two splits", "Some pictures are in two splits")
    shared = shared_copies(divided, load_audit(dataset).copies)
    check(not shared, "No picture of one split has an exact duplicate in another",
          f"Exact duplicates of {words.counted(len(shared), 'picture')} are in several splits: scores there "
          "partly measure memorisation")
    if shared:
        st.html(gallery_html(copy_tile(dataset, each) for each, _ in shared[:_SHOWN]))


def check(good: bool, yes: str, no: str) -> None:
    """Draw the result of a check."""
    st.markdown(f":green[:material/check_circle:] {words.plain(yes)}" if good
                else f":orange[:material/warning:] {words.plain(no)}")


def _fractions(dataset: Dataset, config: RunConfig) -> None:
    rows = _nested(dataset.fingerprint, config.val_fraction, config.train_fraction, config.seed, dataset, config)
    if isinstance(rows, str):
        st.caption(f":orange[:material/warning:] {words.plain(rows)}")
        return
    st.dataframe([{"Fraction": f"{100 * row.fraction:g} %", "Pictures": row.pictures,
                   "Smallest class": row.smallest_class,
                   "Inside the next": _inside(row)} for row in rows], hide_index=True, column_config={
                       name: st.column_config.NumberColumn(format="localized")
                       for name in ("Pictures", "Smallest class")})
    nested = all(row.inside for row in rows)
    st.caption(f"For seed {config.seed}, each training split is a subset of the larger ones, so runs on more data see "
               "all that runs on less data see." if nested else ":red[The fractions are not nested.]")


def _inside(row: Nested) -> str:
    return words.DASH if row.fraction == 1 else "✓" if row.inside else "no"


@st.cache_resource(show_spinner=False, max_entries=16)
def _nested(fingerprint: str, val_fraction: float, train_fraction: float, seed: int, _dataset: Dataset,
            _config: RunConfig) -> list[Nested] | str:
    """Compare the training splits of several fractions; return the reason as text if that is impossible."""
    try:
        return nestedness(_dataset.train_targets, _config, _dataset.classes)
    except UserError as error:
        return str(error)
