"""The table of the Fit page: which models fit into memory, and how fast they are."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.fit.query import Query
from app.kit import words
from app.kit.guard import guarded
from app.kit.looks import label
from app.kit.pulse import pulse
from app.kit.store import existing, store
from engine.costs import describe, memories
from engine.costs.fit import DEVICES, Cell, Fit, fit_cells
from engine.launch.capacity import Capacity, kind_of

_CC = st.column_config
_FIT_COLOURS = {Fit.FITS: "#079464", Fit.TIGHT: "#bb8300", Fit.TOO_LARGE: "#d94a57"}
_KIND_NAMES = {"cpu": "CPU", "cuda": "GPU", "mps": "Apple’s GPU"}
_MARKS = {Fit.FITS: "✓", Fit.TIGHT: "?", Fit.TOO_LARGE: "✕"}


def capacity_line(capacity: Capacity | None) -> str:
    """Describe the memory that the table compares with."""
    if capacity is None:
        return "The memory of the device is unknown: enter a size under Memory."
    return f"{words.size(capacity.bytes)} for the {_KIND_NAMES.get(capacity.kind, capacity.kind)} ({capacity.source})."


@st.fragment
def table(query: Query) -> None:
    """Draw the table, and refresh it while costs are being measured."""
    with guarded():
        configs, capacity = query.configs, query.capacity
        costs, needed = [describe(config) for config in configs], memories(configs)
        if (None in needed or None in costs) and not store().read_only:
            pulse("fit_pulse", every=1, patience=2)
        found = fit_cells(store(), configs, costs, needed, kind_of(capacity), capacity.bytes if capacity else None)
        _grid(found)
        with st.expander("Every figure and its source", key="fit_details"):
            _details(found)


def legend() -> None:
    """Explain the marks in the table."""
    margin = " · ".join(f"{_KIND_NAMES[kind]} ± {100 * device.margin:.0f} %" for kind, device in DEVICES.items())
    st.caption(f":green[✓ fits] · :orange[? may not fit] · :red[✕ does not fit] · **bold** measured by a run, with its "
               f"images per second and best score in validation · ≈ predicted ({margin}). Options that are without "
               "a field come from the launch form.")


def _grid(found: Sequence[Cell]) -> None:
    """Draw models as rows, batch and picture sizes as columns, and in each cell the memory and whether it fits."""
    shapes = sorted({(cell.size, cell.config.batch_size) for cell in found})
    models = list(dict.fromkeys(cell.config.model for cell in found))
    titles = [f"{size} px · batch {batch}" for size, batch in shapes]
    texts = pd.DataFrame("", index=models, columns=titles)
    styles = pd.DataFrame("", index=models, columns=titles)
    for cell in found:
        place = cell.config.model, f"{cell.size} px · batch {cell.config.batch_size}"
        texts.loc[place] = cell_text(cell, measures=not store().read_only)
        styles.loc[place] = cell_style(cell)
    texts.index.name = "Model"
    config: dict[str, Any] = {title: _CC.TextColumn(title, help="picture size · batch size") for title in titles}
    st.dataframe(texts.style.apply(lambda _: styles, axis=None), column_config=config)


def cell_text(cell: Cell, *, measures: bool = True) -> str:
    """``✓ 1.2 GB · 900/s · 97.5 %`` if measured, ``✓ ≈ 1.2 GB · ≈ 900/s`` if predicted.

    ``measures``: whether an unknown one is being measured; a home that is only viewed keeps no measurement.
    """
    if cell.memory is None:
        return "cannot be built" if cell.source else "…" if measures else "not measured"
    if cell.ran_out:
        return f"✕ does not fit, {words.size(cell.memory)} reached"
    about = "" if cell.measured else "≈ "
    parts = [f"{about}{words.size(cell.memory)}"]
    if cell.speed is not None:
        parts.append(f"{about}{cell.speed:,.0f}/s")
    if cell.score is not None:
        parts.append(words.percent(cell.score, 1))
    return f"{_MARKS[cell.fit] if cell.fit else ''} {' · '.join(parts)}".strip()


def cell_style(cell: Cell) -> str:
    """Return CSS: the verdict as a colour, bold if measured."""
    tint = f"color: {_FIT_COLOURS[cell.fit]};" if cell.fit else ""
    return tint + (" font-weight: 700;" if cell.measured else "")


def _details(found: Sequence[Cell]) -> None:
    """Draw one row per cell, with every figure and its source."""
    rows = [{
        "Model": cell.config.model, "Batch": cell.config.batch_size, "Size": cell.size,
        "Verdict": str(cell.fit or ""), "Memory": None if cell.memory is None else cell.memory / 1e6,
        "±": None if cell.measured or cell.memory is None else f"{100 * cell.margin:.0f} %",
        "Images/s": None if cell.speed is None else round(cell.speed),
        "Best in validation": None if cell.score is None else 100 * cell.score,
        "Run": _run_name(cell.run), "Source": cell.source} for cell in found]
    st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="–", column_config={
        "Memory": _CC.NumberColumn(format="%.0f MB", help="peak memory; the amount reached if a run did not fit"),
        "Images/s": _CC.NumberColumn(format="localized"), "Best in validation": _CC.NumberColumn(format="%.2f %%"),
        "Size": _CC.NumberColumn(format="%d px"), "Source": _CC.TextColumn(width="large")})


def _run_name(run_id: int | None) -> str | None:
    found = existing([run_id]) if run_id is not None else []
    return label(found[0]) if found else None
