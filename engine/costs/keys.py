"""What cost and memory depend on, as requests and cache keys. Imports no torch."""

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
"""The result of :func:`engine.costs.memory.predict_memory`, in bytes, or ``error``, one line."""

TRACKED = "followed tensor by tensor"
TRACKED_AS_ADAM = "followed tensor by tensor, the optimizer's state taken to be as large as Adam's"
SAVED = "only as the backward pass needs them"

MEMORY_OPTIONS = ("model", "stem", "patch_size", "dropout", "drop_path", "fine_tune", "optimizer", "momentum",
                  "precision", "batch_size", "accumulate", "ema_decay", "gradient_checkpointing", "teacher")
"""The options that determine the memory of tensors, besides data set and picture size."""


def cost_request(config: RunConfig) -> dict[str, Any]:
    """Return everything a model's cost depends on: model, stem, patch size, classes, channels and size."""
    return {"model": config.model, "stem": config.stem, "patch_size": config.patch_size, **_shape(config)}


def cost_key(request: dict[str, Any]) -> str:
    """Return the cache key of a cost request, including the versions of timm and the plug-in."""
    return " ".join(f"{name}={request[name]}" for name in ("model", "stem", "classes", "channels", "size")) + \
        (f" patch_size={request['patch_size']}" if request.get("patch_size") else "") + \
        f" timm={_version('timm')}{_plugin(request['model'])}"


def memory_request(config: RunConfig) -> dict[str, Any]:
    """Return everything the memory of training depends on, whatever the device; ``config`` holds
    :data:`MEMORY_OPTIONS`."""
    return {**_shape(config), "eval_batch": eval_batch(config, picture_size(config)),
            "config": {name: getattr(config, name) for name in MEMORY_OPTIONS}}


def memory_key(request: dict[str, Any]) -> str:
    """Return the cache key of a memory request, including the versions of timm, torch and the plug-in."""
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
