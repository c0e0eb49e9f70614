"""What a model's cost depends on, and the key it is remembered by. Imports no torch."""

from __future__ import annotations

from typing import Any

from engine.config import RunConfig
from engine.config.steps import picture_size
from engine.data.facts import data_facts

Cost = dict[str, Any]
"""``parameters`` and ``macs`` (multiply-adds of one picture's forward pass), or ``error``, one line."""


def cost_request(config: RunConfig) -> dict[str, Any]:
    """All that a model's cost depends on: model, classes, channels and size."""
    row = data_facts(config.dataset, config.data_path)
    return {"model": config.model, "classes": len(row.classes), "channels": row.channels, "size": picture_size(config)}


def cost_key(request: dict[str, Any]) -> str:
    """The key of a request in the store's costs; another timm may build another model."""
    from importlib.metadata import version

    return " ".join(f"{name}={request[name]}" for name in ("model", "classes", "channels", "size")) + \
        f" timm={version('timm')}"
