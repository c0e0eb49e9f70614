"""Run names by convention: ``{classes}_{model}[_{size}x{size}]_{augmentation}_{optimizer}``, then what else matters."""

from engine.config.run_config import RunConfig
from engine.data.facts import data_facts

SUFFIXES = {"stem": "{}-stem", "train_scale": "S{}", "mixing": "{}", "weights": "{}", "fine_tune": "{}",
            "train_fraction": "{}"}
"""Options that a proposed name tells when they are not at their default, and how."""

NAMED_FIELDS = ("model", "image_size", "augmentation", "optimizer", *SUFFIXES)
"""The options that a proposed name tells."""


def proposed_name(config: RunConfig) -> str:
    """The conventional name, such as ``10_resnet18_32x32_weak_Adam_mixup``; the size only when it was set."""
    size = f"_{config.image_size}x{config.image_size}" if config.image_size else ""
    classes = len(data_facts(config.dataset, config.data_path).classes)
    told = [text.format(getattr(config, field)) for field, text in SUFFIXES.items()
            if getattr(config, field) != RunConfig.model_fields[field].default]
    return "_".join([f"{classes}_{config.model}{size}_{config.augmentation}_{config.optimizer}", *told])


def named(config: RunConfig) -> RunConfig:
    """The config with a name: its own, or the proposed one."""
    return config if config.name else config.model_copy(update={"name": proposed_name(config)})
