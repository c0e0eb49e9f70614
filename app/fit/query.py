"""The fields of the Fit page: what to compare, beginning with the launch form."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app.form import LOOKING, current
from app.form.memory import device_capacity
from app.kit import words
from app.kit.address import remember
from app.kit.reading import reading
from engine.catalog.datasets import DATASETS
from engine.catalog.models import models as known_models
from engine.config import RunConfig, parse_config
from engine.errors import UserError
from engine.launch.capacity import Capacity
from engine.tasks import models_for, task_name
from engine.words import listed

_MOST = 200
_DEVICES = {"auto": "This machine", "cpu": "CPU", "cuda": "GPU"}
_KEPT = ("optimizer", "precision", "stem", "accumulate", "fine_tune", "ema_decay", "dropout", "drop_path",
         "augmentation", "data_path")
_FEW = ("tinyvgg_a", "resnet18", "mobilenetv3_small_100")


@dataclass(frozen=True)
class Query:
    """The configs to compare, the memory of the device, and the mistakes in the fields."""

    dataset: str
    configs: tuple[RunConfig, ...]
    capacity: Capacity | None
    mistakes: tuple[str, ...]


def choose_configs() -> Query:
    """Draw the fields and read them; options without a field come from the launch form, if it is of the same task."""
    with reading(LOOKING):
        draft = current().configs
    form = draft[0] if draft else RunConfig()
    first, second = st.columns([1, 3]), st.columns(4)
    remember("dataset", "fit_dataset", RunConfig().dataset, DATASETS, form.dataset)
    dataset = str(first[0].selectbox("Data set", list(DATASETS), key="fit_dataset", persist_state="session"))
    base = _base(form, dataset)
    models, batches = _models(first[1], base), _batches(second[0], base)
    remember("sizes", "fit_sizes", "")
    sizes = second[1].text_input("Picture sizes", key="fit_sizes", placeholder="what each model needs",
                                 persist_state="session")
    remember("device", "fit_device", "auto", _DEVICES)
    device = str(second[2].selectbox("Device", list(_DEVICES), format_func=_DEVICES.__getitem__, key="fit_device",
                                     persist_state="session"))
    remember("memory", "fit_memory", "")
    named = second[3].text_input("Memory", key="fit_memory", placeholder="or a size: 8GB",
                                 help="1 GB is 10⁹ bytes, 1 GiB 2³⁰ bytes.", persist_state="session")
    capacity, wrong = _capacity(device, named)
    configs, mistakes = _configs(base.model_copy(update={"device": device}), models, _items(sizes) or ["0"],
                                 _items(batches))
    return Query(dataset, tuple(configs), capacity, (*wrong, *mistakes))


def _base(form: RunConfig, dataset: str) -> RunConfig:
    """Return what the options are that have no field: the form's, except those that do not suit the data set."""
    if form.dataset == dataset:
        return form
    kept = form.model_dump(include=set(_KEPT) - {"data_path"}) if task_name(form.dataset) == task_name(dataset) else {}
    return RunConfig.model_validate({**kept, "dataset": dataset})


def _models(place: st.delta_generator.DeltaGenerator, base: RunConfig) -> list[str]:
    """Choose models; at first that of the form and a few of its task."""
    task = task_name(base.dataset)
    offered = [name for name in models_for(task) if name in known_models()] or list(known_models())
    few = [name for name in _FEW if name in offered] or offered[:len(_FEW)]
    key = f"fit_models_{task}"
    untouched = _base(RunConfig(), base.dataset)
    usual, first = (tuple(dict.fromkeys([config.model, *few])) for config in (untouched, base))
    remember("models", key, usual, offered, first)
    return list(place.multiselect("Models", offered, key=key, max_selections=20, persist_state="session"))


def _batches(place: st.delta_generator.DeltaGenerator, base: RunConfig) -> str:
    """Choose batch sizes; at first that of the form, four and sixteen times as many."""
    untouched = _base(RunConfig(), base.dataset)
    usual, first = (f"{own}, {4 * own}, {16 * own}" for own in (untouched.batch_size, base.batch_size))
    key = f"fit_batches_{task_name(base.dataset)}"
    remember("batches", key, usual, initial=first)
    return str(place.text_input("Batch sizes", key=key, persist_state="session"))


def _capacity(device: str, named: str) -> tuple[Capacity | None, tuple[str, ...]]:
    try:
        return device_capacity(device, named), ()
    except UserError as error:
        return None, (words.told(error),)


def _configs(base: RunConfig, models: Sequence[str], sizes: Sequence[str],
             batches: Sequence[str]) -> tuple[list[RunConfig], list[str]]:
    """Return each valid combination; and each mistake once, with the combinations that make it."""
    kept = {name: getattr(base, name) for name in (*_KEPT, "device", "dataset")}
    configs, wrong = [], dict[str, list[str]]()
    for model, size, batch in itertools.islice(itertools.product(models, sizes, batches), _MOST):
        try:
            configs.append(parse_config(kept | {"model": model, "batch_size": batch, "image_size": size}))
        except UserError as error:
            wrong.setdefault(str(error), []).append(f"{model}, batch {batch}")
    return configs, [words.plain(f"{listed(places, 2, '; ')}: {message}") for message, places in wrong.items()]


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]
