"""What each option allows but their combination does not."""

from __future__ import annotations

from engine.config.run_config import RunConfig
from engine.config.steps import picture_size, training_pictures
from engine.data.facts import data_facts
from engine.errors import ConfigError
from engine.models.catalog import model_row


def check_combination(config: RunConfig) -> None:
    """Refuse what cannot run, before it is queued.

    Raises:
        ConfigError: the batch is larger than the data, a split would be empty, or the pictures are too small.
    """
    pictures, row = training_pictures(config), data_facts(config.dataset, config.data_path)
    if row.train - pictures < len(row.classes) or pictures < len(row.classes):
        raise ConfigError("val_fraction", config.val_fraction,
                          f"a share of {config.dataset}'s {row.train:,} pictures that leaves each of the "
                          f"{len(row.classes)} classes one for training and one for validation")
    if config.batch_size > pictures:
        raise ConfigError("batch_size", config.batch_size,
                          f"at most {pictures:,}, the training pictures of {config.dataset}")
    smallest = model_row(config.model).smallest
    if picture_size(config) < smallest:
        raise ConfigError("image_size", config.image_size, f"at least {smallest} for {config.model}")
