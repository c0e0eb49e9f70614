"""Will it fit, as the launch form and the Fit page say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from app import words
from app.choice import label
from app.guard import guarded
from app.pulse import pulse
from app.stored import existing, store
from engine.config import RunConfig
from engine.costs import describe, memories
from engine.costs.fit import DEVICES, Cell, Fit, Need, cells, need
from engine.costs.keys import Memory
from engine.launch.capacity import Capacity, capacity

_CC = st.column_config
_LOOKS = {Fit.FITS: "#079464", Fit.TIGHT: "#bb8300", Fit.TOO_LARGE: "#d94a57"}
_KINDS = {"cpu": "CPU", "cuda": "GPU", "mps": "Apple’s GPU"}
_MARKS = {Fit.FITS: "✓", Fit.TIGHT: "?", Fit.TOO_LARGE: "✕"}


@dataclass(frozen=True)
class Asked:
    """The runs in question, the memory they should fit into, and what of the question makes no sense."""

    dataset: str
    configs: tuple[RunConfig, ...]
    there: Capacity | None
    mistakes: tuple[str, ...]


@st.cache_data(ttl=300, show_spinner=False)
def device_capacity(device: str, named: str = "") -> Capacity | None:
    """As :func:`engine.launch.capacity.capacity`, which may have to ask a program."""
    return capacity(device, named)


def needs(configs: Sequence[RunConfig], memories: Sequence[Memory | None]) -> list[tuple[Need, Capacity | None]]:
    """The need of each config whose memory is known, and what its device has."""
    found = []
    for config, memory in zip(configs, memories, strict=True):
        if memory and "error" not in memory:
            there = device_capacity(config.device)
            found.append((need(config, memory, there.kind if there else "cuda"), there))
    return found


def memory_fact(configs: Sequence[RunConfig], memories: Sequence[Memory | None]) -> tuple[str, str]:
    """Predicted memory of one run, or the range of several; and beneath it whether there is as much."""
    found = needs(configs, memories)
    if not found or any(memory is None for memory in memories):
        return "measuring…" if any(memory is None for memory in memories) else words.DASH, ""
    low, high = (words.size(end(wanted.bytes for wanted, _ in found)) for end in (min, max))
    worst, there = max(found, key=lambda pair: pair[0].bytes)
    value = f"about {low}" if low == high else f"{low} – {high}"
    note = f"predicted, ± {100 * worst.margin:.0f} %"
    return value, note if there is None else f"{note}; {worst.verdict(there.bytes)} into the {_of(there)}"


def doubts(configs: Sequence[RunConfig], memories: Sequence[Memory | None]) -> list[str]:
    """A line when some of the runs may not fit, and one when some surely do not."""
    verdicts = [wanted.verdict(there.bytes) for wanted, there in needs(configs, memories) if there]
    lines = []
    for fit, tint, icon in ((Fit.TOO_LARGE, "red", "memory_alt"), (Fit.TIGHT, "orange", "warning")):
        if count := verdicts.count(fit):
            which = f"{count} of {len(configs)} runs" if len(configs) > 1 else "This run"
            verb = "do" if count > 1 else "does"
            said = f"{which} {verb} not fit into memory" if fit is Fit.TOO_LARGE else f"{which} may not fit into memory"
            lines.append(f":{tint}[:material/{icon}:] {said}: a smaller batch or more accumulation needs less.")
    return lines


def capacity_line(there: Capacity | None) -> str:
    """What the table compares with."""
    if there is None:
        return "How much memory the device has could not be found out: name a size."
    return f"{words.size(there.bytes)} for the {_KINDS.get(there.kind, there.kind)} ({there.source})."


@st.fragment
def table(question: Asked) -> None:
    """Draw the table, and again while something of it is being found."""
    with guarded():
        configs, there = question.configs, question.there
        costs, needed = [describe(config) for config in configs], memories(configs)
        if None in needed or None in costs:
            pulse("fit_pulse", every=1, patience=2)
        found = cells(store(), configs, costs, needed, there.kind if there else "cuda", there.bytes if there else None)
        _grid(found)
        with st.expander("Every figure and its source", key="fit_details"):
            _details(found)


def legend() -> None:
    """What the signs in the table mean."""
    margin = " · ".join(f"{_KINDS[kind]} ± {100 * device.margin:.0f} %" for kind, device in DEVICES.items())
    st.caption(f":green[✓ fits] · :orange[? may not fit] · :red[✕ does not fit] · **bold** measured by a run, with its "
               f"images a second and best validation accuracy · ≈ predicted ({margin}). Options that are not "
               "above are those of the launch form.")


def _grid(found: Sequence[Cell]) -> None:
    """Models down, batch and picture size across: what each needs, marked by whether it fits."""
    shapes = sorted({(cell.size, cell.config.batch_size) for cell in found})
    models = list(dict.fromkeys(cell.config.model for cell in found))
    titles = [f"{size} px · batch {batch}" for size, batch in shapes]
    texts = pd.DataFrame("", index=models, columns=titles)
    styles = pd.DataFrame("", index=models, columns=titles)
    for cell in found:
        place = cell.config.model, f"{cell.size} px · batch {cell.config.batch_size}"
        texts.loc[place] = cell_text(cell)
        styles.loc[place] = cell_style(cell)
    texts.index.name = "Model"
    config: dict[str, Any] = {title: _CC.TextColumn(title, help="picture size · batch size") for title in titles}
    st.dataframe(texts.style.apply(lambda _: styles, axis=None), column_config=config)


def cell_text(cell: Cell) -> str:
    """``✓ 1.2 GB · 900/s · 97.5 %`` as measured, ``✓ ≈ 1.2 GB · ≈ 900/s`` as predicted."""
    if cell.memory is None:
        return "cannot be built so" if cell.source else "…"
    if cell.ran_out:
        return f"✕ does not fit, {words.size(cell.memory)} reached"
    about = "" if cell.measured else "≈ "
    parts = [f"{about}{words.size(cell.memory)}"]
    if cell.speed is not None:
        parts.append(f"{about}{cell.speed:,.0f}/s")
    if cell.accuracy is not None:
        parts.append(words.percent(cell.accuracy, 1))
    return f"{_MARKS[cell.fit] if cell.fit else ''} {' · '.join(parts)}".strip()


def cell_style(cell: Cell) -> str:
    """The verdict as a colour; what was measured in bold."""
    tint = f"color: {_LOOKS[cell.fit]};" if cell.fit else ""
    return tint + (" font-weight: 700;" if cell.measured else "")


def _details(found: Sequence[Cell]) -> None:
    """One row a cell, with every figure and where it comes from."""
    rows = [{
        "Model": cell.config.model, "Batch": cell.config.batch_size, "Size": cell.size,
        "Verdict": str(cell.fit or ""), "Memory": None if cell.memory is None else cell.memory / 2**20,
        "±": None if cell.measured or cell.memory is None else f"{100 * cell.margin:.0f} %",
        "Images/s": None if cell.speed is None else round(cell.speed),
        "Best val accuracy": None if cell.accuracy is None else 100 * cell.accuracy,
        "Run": _run_name(cell.run), "Source": cell.source} for cell in found]
    st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="–", column_config={
        "Memory": _CC.NumberColumn(format="%.0f MB", help="at the peak; of a run that does not fit, what was reached"),
        "Images/s": _CC.NumberColumn(format="localized"), "Best val accuracy": _CC.NumberColumn(format="%.2f %%"),
        "Size": _CC.NumberColumn(format="%d px"), "Source": _CC.TextColumn(width="large")})


def _run_name(run_id: int | None) -> str | None:
    found = existing([run_id]) if run_id is not None else []
    return label(found[0]) if found else None


def _of(there: Capacity) -> str:
    return f"{words.size(there.bytes)} of {there.source}"
