"""Default names of runs: ``{classes}_{model}[_{size}x{size}]_{augmentation}_{optimizer}``, then other changed options.
"""

from engine.config.run_config import RunConfig
from engine.data.facts import data_facts

SUFFIXES = {"stem": "{}-stem", "train_scale": "S{}", "mixing": "{}", "weights": "{}", "fine_tune": "{}",
            "train_fraction": "{}"}
"""Options that a default name includes if they are not at their default, with their format."""

NAMED_FIELDS = ("model", "image_size", "augmentation", "optimizer", *SUFFIXES)
"""The options that a default name includes."""


def proposed_name(config: RunConfig) -> str:
    """Return the default name, such as ``10_resnet18_32x32_weak_Adam_mixup``; the size only if it was set."""
    size = f"_{config.image_size}x{config.image_size}" if config.image_size else ""
    classes = len(data_facts(config.dataset, config.data_path).classes)
    suffixes = [text.format(getattr(config, field)) for field, text in SUFFIXES.items()
                if getattr(config, field) != RunConfig.model_fields[field].default]
    return "_".join([f"{classes}_{config.model}{size}_{config.augmentation}_{config.optimizer}", *suffixes])


def with_name(config: RunConfig) -> RunConfig:
    """Return the config with its own name, or else with the default name."""
    return config if config.name else config.model_copy(update={"name": proposed_name(config)})
