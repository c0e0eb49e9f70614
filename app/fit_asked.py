"""What the Fit page is asked: a data set, models, batch and picture sizes, and the memory to fit into."""

from __future__ import annotations

import itertools

import streamlit as st

from app.fit_parts import Asked, device_capacity
from app.form import current
from app.words import plain
from engine.catalog.datasets import DATASETS
from engine.catalog.models import model_names
from engine.config import RunConfig, parse_config
from engine.errors import UserError

_MOST = 200
_DEVICES = {"auto": "This machine", "cpu": "CPU", "cuda": "GPU"}
_LAUNCH_FORMS = ("optimizer", "precision", "stem", "accumulate", "fine_tune", "ema_decay", "dropout", "drop_path",
                 "augmentation", "data_path")


def asked() -> Asked:
    """Draw the fields, and read them; options that are not among them are those of the launch form."""
    draft = current().configs
    base = draft[0] if draft else RunConfig()
    first, second = st.columns([1, 3]), st.columns(4)
    dataset = first[0].selectbox("Data set", list(DATASETS), index=list(DATASETS).index(base.dataset),
                                 key="fit_dataset", persist_state="session")
    models = first[1].multiselect("Models", model_names(), default=_first_models(base), key="fit_models",
                                  max_selections=20, persist_state="session")
    batches = second[0].text_input("Batch sizes", "64, 256, 1024", key="fit_batches", persist_state="session")
    sizes = second[1].text_input("Picture sizes", "", key="fit_sizes", placeholder="what each model needs",
                                 persist_state="session")
    device = second[2].selectbox("Device", list(_DEVICES), format_func=_DEVICES.__getitem__, key="fit_device",
                                 persist_state="session")
    named = second[3].text_input("Memory", "", key="fit_memory", placeholder="or a size: 8GB",
                                 help="GB and GiB both count 2³⁰ bytes.", persist_state="session")
    mistakes: list[str] = []
    there = None
    try:
        there = device_capacity(str(device), named)
    except UserError as error:
        mistakes.append(plain(str(error)))
    configs = _configs(base.model_copy(update={"device": device}), str(dataset), models, batches, sizes, mistakes)
    return Asked(str(dataset), tuple(configs), there, tuple(dict.fromkeys(mistakes)))


def _first_models(base: RunConfig) -> list[str]:
    return list(dict.fromkeys([base.model, "tinyvgg_a", "resnet18", "mobilenetv3_small_100"]))


def _configs(base: RunConfig, dataset: str, models: list[str], batches: str, sizes: str,
             mistakes: list[str]) -> list[RunConfig]:
    """Each combination that can be run; why the others cannot goes to ``mistakes``."""
    kept = {name: getattr(base, name) for name in (*_LAUNCH_FORMS, "device")}
    configs = []
    combinations = itertools.product(models, _items(sizes) or ["0"], _items(batches))
    for model, size, batch in itertools.islice(combinations, _MOST):
        try:
            configs.append(parse_config(kept | {"dataset": dataset, "model": model, "batch_size": batch,
                                                "image_size": size}))
        except UserError as error:
            mistakes.append(f"{model}, batch {plain(batch)}: {plain(str(error))}")
    return configs


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]
