"""The network's input: a batch, as pictures with labels, for the launch form or a run."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.data.choice import figures_line
from app.form.draft import current
from app.form.draft import key as launch_key
from app.form.fields import Field, fields, text_of
from app.kit import words
from app.kit.address import remember
from app.kit.dialogs import MOST_EPOCHS
from app.kit.looks import label as run_label
from app.kit.navigation import go
from app.kit.pictures import Tile, gallery_html, page_at, turn_pages
from app.kit.store import runs
from engine.config import RunConfig, applies, parse_config
from engine.data import Dataset
from engine.data.loading import AnyDataset
from engine.errors import UserError
from engine.launch import ensure_dispatcher
from engine.launch.jobs import job_folder, run_job
from engine.tasks import task_name

_PAGE = 48
_RUNS = 50
_FORM = "The launch form"


@dataclass(frozen=True)
class BatchView:
    """How to show the batches of one task.

    Attributes:
        job: the row of :data:`engine.launch.jobs.JOBS` that makes a batch and writes its pictures to a folder.
        fields: the options that change the batch; those that apply are shown.
        read: reads the arrays that the job wrote to its folder.
        show: draws the job's answer, merged with the arrays.
        originals: whether pictures can be shown beside the ones they were made from.
    """

    job: str
    fields: tuple[str, ...]
    read: Callable[[Path], dict[str, Any]]
    show: Callable[[dict[str, Any]], None]
    originals: bool = False


def show_batch(dataset: AnyDataset, folder: str, view: BatchView) -> None:
    """Draw the options and the batch they make."""
    with st.container(key="split_seen"):
        left, right = st.columns([1, 3.4], gap="large")
    with left:
        base, usual = _source(dataset, folder, view)
        texts = _texts(base, usual, view)
        st.button("Put into the launch form", icon=":material/arrow_forward:", type="tertiary", key="seen_use",
                  on_click=_use, args=({**texts, "dataset": dataset.name, "data_path": folder},))
        if st.session_state.pop("seen_used", False):
            go("launch")
    with right:
        epoch, beside = _epoch(view)
        try:
            config = parse_config({**base, **texts, "dataset": dataset.name, "data_path": folder})
            with beside, st.spinner("Making the batch …"):
                made = _batch((dataset.fingerprint, *dataset.classes), _request(config), epoch, view)
        except UserError as error:
            st.error(words.plain(str(error)), icon=":material/error:")
            return
        view.show(made)


def _use(texts: dict[str, str]) -> None:
    """Copy these options into the launch form, and keep its others."""
    for field, text in texts.items():
        st.session_state[launch_key(field)] = text
    st.session_state["seen_used"] = True


def _source(dataset: AnyDataset, folder: str, view: BatchView) -> tuple[dict[str, Any], dict[str, Any]]:
    """Choose the config that the options start from: the launch form's, or a run's on this data set.

    Also return the one that the address leaves out: a run's, or that of an untouched launch form.
    """
    here = {run.id: run for run in runs()[:_RUNS] if run.config["dataset"] == dataset.name}
    names = {0: _FORM} | {run.id: run_label(run) for run in here.values()}
    remember("options", "seen_run", 0, names)
    chosen = st.selectbox("Options of", list(names), format_func=names.__getitem__, key="seen_run",
                          persist_state="session", help="Initial values of the options below. Changing them does not "
                          "change any run.")
    config = dict(here[chosen].config) if chosen in here else _form_config(dataset.name, folder)
    if st.session_state.get("seen_filled") != (chosen, json.dumps(config, sort_keys=True, default=str)):
        st.session_state["seen_filled"] = (chosen, json.dumps(config, sort_keys=True, default=str))
        for field in _own_fields(view):
            st.session_state[_key(field.name)] = text_of(config.get(field.name, field.default))
    return config, config if chosen in here else _defaults(dataset.name, folder).model_dump(mode="json")


def _form_config(name: str, folder: str) -> dict[str, Any]:
    """Return the first config of the launch form; the data set's defaults if the form is invalid or of another task."""
    configs = [config for config in current().configs if task_name(config.dataset) == task_name(name)]
    return (configs[0] if configs else _defaults(name, folder)).model_dump(mode="json")


def _defaults(name: str, folder: str) -> RunConfig:
    try:
        return parse_config({"dataset": name, "data_path": folder})
    except UserError:
        return RunConfig()


def _texts(base: dict[str, Any], usual: dict[str, Any], view: BatchView) -> dict[str, str]:
    """Draw the options that have an effect, and return their values."""
    values = dict(base)
    texts: dict[str, str] = {}
    grid = st.grid(6, min_column_width=118, gap="small", key="seen_options")
    for field in _own_fields(view):
        if not applies(field.name, values):
            continue
        remember(field.name, _key(field.name), text_of(usual.get(field.name, field.default)), field.choices or ())
        with grid.cell():
            if field.choices:
                texts[field.name] = str(st.selectbox(field.label, field.choices, key=_key(field.name),
                                                     help=field.option.explanation, persist_state="session"))
            else:
                texts[field.name] = str(st.text_input(field.label, key=_key(field.name), help=field.option.help,
                                                      live="400ms", persist_state="session") or "")
        values[field.name] = texts[field.name]
    return texts


def _own_fields(view: BatchView) -> list[Field]:
    by_name = {field.name: field for field in fields()}
    return [by_name[name] for name in view.fields]


def _key(field: str) -> str:
    return f"seen_{field}"


def _epoch(view: BatchView) -> tuple[int, DeltaGenerator]:
    """Choose the epoch whose first batch is shown, from 0; also return a container beside the buttons."""
    remember("epoch", "seen_at", 0, range(MOST_EPOCHS))
    epoch = int(st.session_state["seen_at"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="seen_epoch"):
        st.button("Earlier epoch", icon=":material/chevron_left:", on_click=_turn, args=(-1,),
                  key="icon_seen_back", disabled=not epoch,
                  help="Previous epoch")
        st.markdown(f"Epoch **{epoch + 1}**", width="content")
        st.button("Later epoch", icon=":material/chevron_right:", on_click=_turn, args=(1,), key="icon_seen_next",
                  help="Next epoch: same options, new random numbers")
        if view.originals:
            remember("originals", "seen_beside", default=True)
            st.toggle("Show originals", key="seen_beside", persist_state="session")
        beside = st.container(width="content")
    return epoch, beside


def _turn(by: int) -> None:
    st.session_state["seen_at"] = max(0, st.session_state.get("seen_at", 0) + by)


def _request(config: RunConfig) -> str:
    """Return the options that decide the batch as text, the cache key."""
    identity = config.identity() | {"dataset": config.dataset, "data_path": config.data_path}
    return json.dumps(identity, sort_keys=True)


@st.cache_data(show_spinner=False, max_entries=40)
def _batch(key: tuple[str, ...], request: str, epoch: int, _view: BatchView) -> dict[str, Any]:
    ensure_dispatcher()  # keeps a warm process, so that later jobs start at once
    with job_folder() as folder:
        answer = run_job(_view.job, {"config": json.loads(request), "epoch": epoch, "folder": str(folder)})
        return answer | _view.read(folder)


def _read(folder: Path) -> dict[str, Any]:
    with np.load(folder / "pictures.npz") as arrays:
        return {"seen": arrays["seen"], "originals": arrays["originals"]}


def _show(made: dict[str, Any]) -> None:
    images = made["seen"]
    st.html(_line(made))
    places = range(len(images))[page_at("seen_page", len(images), _PAGE)]
    mixed = any(len(label) > 1 for label in made["labels"])
    st.html(gallery_html((_tile(made, place) for place in places), wide=mixed))
    turn_pages("seen_page", len(images), _PAGE)


def _tile(made: dict[str, Any], place: int) -> Tile:
    (name, share), *others = made["labels"][place]
    sources = made["sources"][place]
    return Tile(
        made["seen"][place], f"{name} {share:.2f}" if others else name,
        tuple(f"{other} {part:.2f}" for other, part in others),
        "train picture " + " with ".join(str(made["ids"][source]) for source in sources),
        shares=(share, *(part for _, part in others)) if others else (),
        sources=tuple(made["originals"][source] for source in sources) if st.session_state.get("seen_beside") else ())


def _line(made: dict[str, Any]) -> str:
    count, side, _, channels = made["seen"].shape
    return batch_line(made, f"{count} × {channels} × {side} × {side}")


def batch_line(made: dict[str, Any], shape: str) -> str:
    """Summarise a batch as HTML: its shape, value range, mean and normalisation."""
    mean = ", ".join(f"{value:.3f}" for value in made["channel_mean"])
    std = ", ".join(f"{value:.3f}" for value in made["channel_std"])
    return figures_line((
        ("batch", f"1 of {made['steps']:,}"), ("tensor", shape),
        ("values", f"{made['low']:.2f} to {made['high']:.2f}".replace("-", "−")),
        ("mean", f"{made['mean']:.2f} ± {made['std']:.2f}".replace("-", "−")), ("normalised by", f"{mean} ± {std}")))


_VIEW = BatchView("preview", ("augmentation", "train_scale", "crop_scale", "crop_ratio", "mixing", "mixup_alpha",
                             "cutmix_alpha", "mix_shares", "label_smoothing", "sampling", "repeats", "image_size",
                             "batch_size", "seed"), _read, _show, originals=True)


def pictures(dataset: Dataset, folder: str) -> None:
    """Draw a batch of pictures with labels, possibly mixed."""
    show_batch(dataset, folder, _VIEW)
