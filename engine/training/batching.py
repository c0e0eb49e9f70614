"""A run's batches: what it learns from, is validated and is tested on."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch

from engine.config import RunConfig
from engine.data import Dataset
from engine.data.augmentations import AUGMENTATIONS
from engine.data.batches import EvalBatches, TrainBatches
from engine.data.facts import data_facts
from engine.data.split import stratified_split
from engine.errors import ConfigError

_EVAL_BATCH = 256


@dataclass(frozen=True)
class Look:
    """How pictures are shown to the model, the same for training, validation and test."""

    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    device: torch.device
    channels_last: bool


def batches_of(config: RunConfig, dataset: Dataset, look: Look) -> tuple[TrainBatches, EvalBatches, EvalBatches]:
    """Batches for training, validation and test.

    Raises:
        ConfigError: a batch is larger than the training part.
    """
    facts = data_facts(config.dataset, config.data_path)
    train_ids, val_ids = stratified_split(dataset.train_targets, config.val_fraction, config.seed)
    if config.batch_size > len(train_ids):
        raise ConfigError("batch_size", config.batch_size, f"at most {len(train_ids)}, the training pictures there are")
    shown = asdict(look)
    train = TrainBatches(
        dataset.train_images[train_ids], dataset.train_targets[train_ids], batch_size=config.batch_size,
        augmentation=AUGMENTATIONS[config.augmentation], seed=config.seed, flips=facts.flips, **shown)
    eval_batch = max(config.batch_size, _EVAL_BATCH)
    validation = EvalBatches(
        dataset.train_images[val_ids], dataset.train_targets[val_ids], batch_size=eval_batch, **shown)
    test = EvalBatches(dataset.test_images, dataset.test_targets, batch_size=eval_batch, **shown)
    return train, validation, test
