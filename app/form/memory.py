"""Memory predictions for the launch form and the Fit page."""

from collections.abc import Sequence

import streamlit as st

from app.kit import words
from app.kit.writing import measuring
from engine.config import RunConfig
from engine.costs.fit import Fit, Need, predict_need
from engine.costs.keys import Memory
from engine.launch.capacity import Capacity, capacity, kind_of


@st.cache_data(ttl=300, show_spinner=False)
def device_capacity(device: str, named: str = "") -> Capacity | None:
    """Return :func:`engine.launch.capacity.capacity`, cached: it may start a program."""
    return capacity(device, named)


def needs(configs: Sequence[RunConfig], memories: Sequence[Memory | None]) -> list[tuple[Need, Capacity | None]]:
    """Return the memory need of each config, where it is known, with the capacity of its device."""
    found = []
    for config, memory in zip(configs, memories, strict=True):
        if memory and "error" not in memory:
            there = device_capacity(config.device)
            found.append((predict_need(config, memory, kind_of(there)), there))
    return found


def memory_fact(configs: Sequence[RunConfig], memories: Sequence[Memory | None]) -> tuple[str, str]:
    """Return the predicted memory of one run, or the range of several, and a note on whether it fits."""
    found = needs(configs, memories)
    if not found or any(memory is None for memory in memories):
        return measuring(None in memories), ""
    low, high = (words.size(end(wanted.bytes for wanted, _ in found)) for end in (min, max))
    worst, there = max(found, key=lambda pair: pair[0].bytes)
    value = f"about {low}" if low == high else f"{low} – {high}"
    note = f"predicted, ± {100 * worst.margin:.0f} %"
    return value, note if there is None else f"{note}; {worst.verdict(there.bytes)} into the {_of(there)}"


def doubts(configs: Sequence[RunConfig], memories: Sequence[Memory | None]) -> list[str]:
    """Return a line if some runs may not fit, and one if some do not fit."""
    verdicts = [wanted.verdict(there.bytes) for wanted, there in needs(configs, memories) if there]
    lines = []
    for fit, tint, icon in ((Fit.TOO_LARGE, "red", "memory_alt"), (Fit.TIGHT, "orange", "warning")):
        if count := verdicts.count(fit):
            which = f"{count} of {len(configs)} runs" if len(configs) > 1 else "This run"
            verb = "do" if count > 1 else "does"
            verb = verb if fit is Fit.TOO_LARGE else "may"
            lines.append(f":{tint}[:material/{icon}:] {which} {verb} not fit into memory: use a smaller batch or more "
                         "accumulation.")
    return lines


def _of(there: Capacity) -> str:
    return f"{words.size(there.bytes)} of {there.source}"
