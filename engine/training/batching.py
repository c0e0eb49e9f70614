"""A run's batches: what it learns from and is validated on."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from engine.catalog.augmentations import AUGMENTATIONS, scale_range
from engine.config import RunConfig
from engine.config.steps import eval_batch, own_scales, steps_per_epoch
from engine.data import Dataset
from engine.data.batches import EvalBatches, TrainBatches
from engine.data.facts import data_facts
from engine.data.mixing import Mixing
from engine.data.split import run_split
from engine.data.streaming import chosen
from engine.errors import ConfigError
from engine.training.objective import Batches, Look


def batches_of(config: RunConfig, dataset: Dataset, look: Look) -> Batches[TrainBatches]:
    """What a config learns from and is validated on.

    Raises:
        UserError: a class has too few pictures, a batch is larger than the training part, or a scale is too small.
    """
    train_ids, val_ids = run_split(dataset.train_targets, config, dataset.classes)
    if config.batch_size > len(train_ids):
        raise ConfigError("batch_size", config.batch_size, f"at most {len(train_ids)}, the training pictures there are")
    shown, steps = asdict(look), steps_per_epoch(config)
    scaled = AUGMENTATIONS[config.augmentation].scaled
    train = TrainBatches(
        chosen(dataset.train_images, train_ids), dataset.train_targets[train_ids], batch_size=config.batch_size,
        augmentation=AUGMENTATIONS[config.augmentation], seed=config.seed,
        flips=data_facts(config.dataset, config.data_path).flips, mixing=mixing_of(config),
        train_scale=scale_range(config.train_scale) if scaled else None,
        steps_per_epoch=steps if config.equal_steps else None, **shown)
    validation = EvalBatches(
        chosen(dataset.train_images, val_ids), dataset.train_targets[val_ids],
        batch_size=eval_batch(config, look.size), scale=(*own_scales(config), 0)[0], **shown)
    counts = np.bincount(dataset.train_targets[train_ids], minlength=len(dataset.classes))
    return Batches(train, validation, {
        "train_pictures": len(train_ids), "val_pictures": len(val_ids), "test_pictures": len(dataset.test_targets),
        "class_counts": counts.tolist(), "mean": list(look.mean), "std": list(look.std),
        "skipped": list(dataset.skipped)}, (*dataset.notes, *_skipped(dataset)))


def mixing_of(config: RunConfig) -> Mixing | None:
    """The mixing a config asks for; None: pictures by themselves."""
    if config.mixing == "none":
        return None
    return Mixing(config.mixing, config.mixup_alpha, config.cutmix_alpha, config.mix_shares == "per batch")


def _skipped(dataset: Dataset) -> list[str]:
    if not dataset.skipped:
        return []
    count, named = len(dataset.skipped), ", ".join(dataset.skipped[:5])
    return [f"{count} picture{'s' * (count > 1)} left out that cannot be read: {named}{' …' * (count > 5)}"]
