"""What a model's cost and memory depend on, and the keys they are remembered by. Imports no torch."""

from functools import lru_cache
from importlib.metadata import version
from typing import Any

from engine.config import RunConfig
from engine.config.steps import eval_batch, picture_size
from engine.data.facts import data_facts
from engine.plugins.catalogs import model_version

Cost = dict[str, Any]
"""``parameters`` and ``macs`` (multiply-adds of one picture's forward pass), or ``error``, one line."""

Memory = dict[str, Any]
"""What :func:`engine.costs.memory.predict_memory` returns, in bytes, or ``error``, one line."""

FOLLOWED = "followed tensor by tensor"
FOLLOWED_AS_ADAM = "followed tensor by tensor, the optimizer's state taken to be as large as Adam's"
SAVED = "only as the backward pass needs them"

MEMORY_OPTIONS = ("model", "stem", "dropout", "drop_path", "fine_tune", "optimizer", "momentum", "precision",
                  "batch_size", "accumulate", "ema_decay")
"""The options of a run that decide how much memory its tensors take, besides data set and picture size."""


def cost_request(config: RunConfig) -> dict[str, Any]:
    """All that a model's cost depends on: model, stem, classes, channels and size."""
    return {"model": config.model, "stem": config.stem, **_shape(config)}


def cost_key(request: dict[str, Any]) -> str:
    """The key of a request in the store's costs; another timm, or another version of a plug-in, may build another
    model."""
    return " ".join(f"{name}={request[name]}" for name in ("model", "stem", "classes", "channels", "size")) + \
        f" timm={_version('timm')}{_plugin(request['model'])}"


def memory_request(config: RunConfig) -> dict[str, Any]:
    """All that the memory of training depends on, whatever the device: ``config`` holds the options that matter."""
    return {**_shape(config), "eval_batch": eval_batch(config, picture_size(config)),
            "config": {name: getattr(config, name) for name in MEMORY_OPTIONS}}


def memory_key(request: dict[str, Any]) -> str:
    """The key of a memory request in the store's costs; timm builds the model, torch saves for its backward pass."""
    parts = {name: value for name, value in request.items() if name != "config"} | request["config"]
    return "memory " + " ".join(f"{name}={value}" for name, value in parts.items()) + \
        f" timm={_version('timm')} torch={_version('torch')}{_plugin(request['config']['model'])}"


def _shape(config: RunConfig) -> dict[str, int]:
    facts = data_facts(config.dataset, config.data_path)
    return {"classes": len(facts.classes), "channels": facts.channels, "size": picture_size(config)}


def _plugin(model: str) -> str:
    version = model_version(model)
    return f" plugin={version[:16]}" if version else ""


@lru_cache(maxsize=8)
def _version(package: str) -> str:
    return version(package)
