"""Run names by convention: ``{classes}_{model}[_{size}x{size}]_{augmentation}_{optimizer}``."""

from __future__ import annotations

from engine.config.run_config import RunConfig
from engine.data.facts import data_facts

NAMED_FIELDS = ("model", "image_size", "augmentation", "optimizer")
"""The options that a proposed name tells."""


def proposed_name(config: RunConfig) -> str:
    """The conventional name, such as ``10_resnet18_32x32_weak_Adam``; the size only when it was set."""
    size = f"_{config.image_size}x{config.image_size}" if config.image_size else ""
    classes = len(data_facts(config.dataset, config.data_path).classes)
    return f"{classes}_{config.model}{size}_{config.augmentation}_{config.optimizer}"


def named(config: RunConfig) -> RunConfig:
    """The config with a name: its own, or the proposed one."""
    return config if config.name else config.model_copy(update={"name": proposed_name(config)})
