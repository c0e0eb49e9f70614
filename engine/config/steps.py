"""How much work a config is, counted before anything is loaded."""

from __future__ import annotations

import math

from engine.config.run_config import RunConfig
from engine.data.facts import data_facts
from engine.models.catalog import input_size


def training_pictures(config: RunConfig) -> int:
    """Pictures of one epoch, after the validation part is held back, rounded up as the split does."""
    total = data_facts(config.dataset, config.data_path).train
    return total - math.ceil(round(total * config.val_fraction, 6))


def steps_per_epoch(config: RunConfig) -> int:
    """Optimizer steps of one epoch; a last batch of a single picture is left out, as the loop does."""
    whole, rest = divmod(training_pictures(config), config.batch_size)
    return whole + (rest > 1)


def total_steps(config: RunConfig) -> int:
    return steps_per_epoch(config) * config.epochs


def picture_size(config: RunConfig) -> int:
    """Side of the square pictures the model will see, in pixels."""
    return input_size(config.model, data_facts(config.dataset, config.data_path).size, config.image_size)[0]
