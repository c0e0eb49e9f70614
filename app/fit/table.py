"""The table of the Fit page: which models fit into memory, how fast they are, and what accuracy costs."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from app.charts.chart import Figure
from app.form import current
from app.form.memory import device_capacity
from app.kit import words
from app.kit.guard import guarded
from app.kit.looks import colour, label
from app.kit.pulse import pulse
from app.kit.store import existing, store
from app.kit.words import number, percent
from engine.analysis.pareto import Measure, accuracy, comparable, front
from engine.catalog.datasets import DATASETS
from engine.catalog.models import models as known_models
from engine.config import RunConfig, parse_config
from engine.costs import describe, memories
from engine.costs.fit import DEVICES, Cell, Fit, fit_cells
from engine.errors import UserError
from engine.launch.capacity import Capacity, kind_of
from engine.store import Run

_MOST = 200
_DEVICES = {"auto": "This machine", "cpu": "CPU", "cuda": "GPU"}
_LAUNCH_FORMS = ("optimizer", "precision", "stem", "accumulate", "fine_tune", "ema_decay", "dropout", "drop_path",
                 "augmentation", "data_path")
_CC = st.column_config
_FIT_COLOURS = {Fit.FITS: "#079464", Fit.TIGHT: "#bb8300", Fit.TOO_LARGE: "#d94a57"}
_KIND_NAMES = {"cpu": "CPU", "cuda": "GPU", "mps": "Apple’s GPU"}
_MARKS = {Fit.FITS: "✓", Fit.TIGHT: "?", Fit.TOO_LARGE: "✕"}


@dataclass(frozen=True)
class Query:
    """The configs to compare, the memory of the device, and the mistakes in the fields."""

    dataset: str
    configs: tuple[RunConfig, ...]
    capacity: Capacity | None
    mistakes: tuple[str, ...]


def choose_configs() -> Query:
    """Draw the fields and read them; all other options come from the launch form."""
    draft = current().configs
    base = draft[0] if draft else RunConfig()
    first, second = st.columns([1, 3]), st.columns(4)
    dataset = first[0].selectbox("Data set", list(DATASETS), index=list(DATASETS).index(base.dataset),
                                 key="fit_dataset", persist_state="session")
    models = first[1].multiselect("Models", list(known_models()), default=_default_models(base), key="fit_models",
                                  max_selections=20, persist_state="session")
    batches = second[0].text_input("Batch sizes", "64, 256, 1024", key="fit_batches", persist_state="session")
    sizes = second[1].text_input("Picture sizes", "", key="fit_sizes", placeholder="what each model needs",
                                 persist_state="session")
    device = second[2].selectbox("Device", list(_DEVICES), format_func=_DEVICES.__getitem__, key="fit_device",
                                 persist_state="session")
    named = second[3].text_input("Memory", "", key="fit_memory", placeholder="or a size: 8GB",
                                 help="GB and GiB both count 2³⁰ bytes.", persist_state="session")
    mistakes: list[str] = []
    capacity = None
    try:
        capacity = device_capacity(str(device), named)
    except UserError as error:
        mistakes.append(words.plain(str(error)))
    configs = _configs(base.model_copy(update={"device": device}), str(dataset), models, batches, sizes, mistakes)
    return Query(str(dataset), tuple(configs), capacity, tuple(dict.fromkeys(mistakes)))


def _default_models(base: RunConfig) -> list[str]:
    return list(dict.fromkeys([base.model, "tinyvgg_a", "resnet18", "mobilenetv3_small_100"]))


def _configs(base: RunConfig, dataset: str, models: list[str], batches: str, sizes: str,
             mistakes: list[str]) -> list[RunConfig]:
    """Return each valid combination; append the reasons of invalid ones to ``mistakes``."""
    kept = {name: getattr(base, name) for name in (*_LAUNCH_FORMS, "device")}
    configs = []
    combinations = itertools.product(models, _items(sizes) or ["0"], _items(batches))
    for model, size, batch in itertools.islice(combinations, _MOST):
        try:
            configs.append(parse_config(kept | {"dataset": dataset, "model": model, "batch_size": batch,
                                                "image_size": size}))
        except UserError as error:
            mistakes.append(f"{model}, batch {words.plain(batch)}: {words.plain(str(error))}")
    return configs


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


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
        if None in needed or None in costs:
            pulse("fit_pulse", every=1, patience=2)
        found = fit_cells(store(), configs, costs, needed, kind_of(capacity), capacity.bytes if capacity else None)
        _grid(found)
        with st.expander("Every figure and its source", key="fit_details"):
            _details(found)


def legend() -> None:
    """Explain the marks in the table."""
    margin = " · ".join(f"{_KIND_NAMES[kind]} ± {100 * device.margin:.0f} %" for kind, device in DEVICES.items())
    st.caption(f":green[✓ fits] · :orange[? may not fit] · :red[✕ does not fit] · **bold** measured by a run, with its "
               f"images per second and best validation accuracy · ≈ predicted ({margin}). Options that are not "
               "above come from the launch form.")


def _grid(found: Sequence[Cell]) -> None:
    """Draw models as rows, batch and picture sizes as columns, and in each cell the memory and whether it fits."""
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
    """``✓ 1.2 GB · 900/s · 97.5 %`` if measured, ``✓ ≈ 1.2 GB · ≈ 900/s`` if predicted."""
    if cell.memory is None:
        return "cannot be built" if cell.source else "…"
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
    """Return CSS: the verdict as a colour, bold if measured."""
    tint = f"color: {_FIT_COLOURS[cell.fit]};" if cell.fit else ""
    return tint + (" font-weight: 700;" if cell.measured else "")


def _details(found: Sequence[Cell]) -> None:
    """Draw one row per cell, with every figure and its source."""
    rows = [{
        "Model": cell.config.model, "Batch": cell.config.batch_size, "Size": cell.size,
        "Verdict": str(cell.fit or ""), "Memory": None if cell.memory is None else cell.memory / 2**20,
        "±": None if cell.measured or cell.memory is None else f"{100 * cell.margin:.0f} %",
        "Images/s": None if cell.speed is None else round(cell.speed),
        "Best val accuracy": None if cell.accuracy is None else 100 * cell.accuracy,
        "Run": _run_name(cell.run), "Source": cell.source} for cell in found]
    st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="–", column_config={
        "Memory": _CC.NumberColumn(format="%.0f MB", help="peak memory; the amount reached if a run did not fit"),
        "Images/s": _CC.NumberColumn(format="localized"), "Best val accuracy": _CC.NumberColumn(format="%.2f %%"),
        "Size": _CC.NumberColumn(format="%d px"), "Source": _CC.TextColumn(width="large")})


def _run_name(run_id: int | None) -> str | None:
    found = existing([run_id]) if run_id is not None else []
    return label(found[0]) if found else None


_NAMED = 12


def pareto(runs: Sequence[Run], cost: Measure, *, log: bool) -> Figure:
    """Draw accuracy against cost; a click returns as ``row`` the index in :func:`engine.analysis.pareto.comparable`."""
    points = comparable(runs, cost)
    best = front(points)
    named = {run.id for run, _, _ in best} if len(points) > _NAMED else {run.id for run, _, _ in points}
    line: dict[str, Any] = {
        "type": "scatter", "mode": "lines", "uid": "front", "x": [x for _, x, _ in best], "y": [y for _, _, y in best],
        "line": {"color": "#8a8178", "width": 1.4}, "hoverinfo": "skip", "showlegend": False}
    dots: dict[str, Any] = {
        "type": "scatter", "mode": "markers+text", "uid": "runs", "x": [x for _, x, _ in points],
        "y": [y for _, _, y in points], "showlegend": False, "hoverinfo": "text",
        "text": [f"  {run.config['model']} #{run.id}" if run.id in named else "" for run, _, _ in points],
        "textposition": "middle right", "textfont": {"size": 11}, "cliponaxis": False,
        "hovertext": [_hover_text(run, x, cost) for run, x, _ in points],
        "marker": {"size": 10, "color": [colour(run.id) for run, _, _ in points],
                   "opacity": [1.0 if (run, x, y) in best else 0.45 for run, x, y in points]}}
    x_axis = {"title": {"text": cost.title}, "type": "log" if log else "linear", "uirevision": f"{cost.column} {log}",
              "rangemode": "normal" if log else "tozero"}
    layout = {"uirevision": "kept", "hovermode": "closest", "margin": {"l": 48, "r": 120, "t": 16, "b": 40},
              "xaxis": x_axis, "yaxis": {"tickformat": ".1%", "uirevision": cost.column}}
    return Figure([line, dots], layout, 380, stamp=f"{cost.column} {len(points)}")


def _hover_text(run: Run, x: float, cost: Measure) -> str:
    return (f"{run.name} #{run.id}<br>{run.config['model']}, batch {run.config['batch_size']}<br>"
            f"{percent(accuracy(run))} · {number(x, 3)} {cost.title}")
