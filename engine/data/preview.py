"""What the network really sees: a batch exactly as training makes it, turned back into pictures."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.config import RunConfig, parse_config
from engine.data import Dataset, load_dataset
from engine.data.augmentations import AUGMENTATIONS, scale_range
from engine.data.batches import TrainBatches
from engine.data.facts import data_facts
from engine.data.mixing import Mixed, mixing_of
from engine.data.split import run_split
from engine.data.streaming import chosen
from engine.errors import ConfigError
from engine.models.catalog import input_size

FILE = "pictures.npz"
_NAMED = 2
_LEAST = 0.005


def preview(request: dict[str, Any]) -> dict[str, Any]:
    """The job behind the Data page.

    Args:
        request: ``config``, the options of a run by name; ``epoch``, from 0; ``folder``, where :data:`FILE` is put:
            ``seen`` uint8 [B, size, size, C], the batch un-normalised, and ``originals`` uint8 [B, H, W, C], the
            pictures as they are on disk.

    Returns:
        What the batch is: ``labels``, for each picture its classes with their shares, see :func:`named_shares`;
        ``ids``, its position among the training pictures; ``partners``, the place in the batch of the picture it is
        mixed with, or None; ``size``, ``steps``; of the normalised values ``low``, ``high``, ``mean`` and ``std``; and
        the ``channel_mean`` and ``channel_std`` they were normalised by.

    Raises:
        UserError: the config is not valid, or the data are missing.
    """
    config = parse_config(request["config"])
    dataset = load_dataset(config.dataset, config.data_path)
    batches, ids, look = training_batches(config, dataset)
    epoch = int(request.get("epoch", 0))
    pictures, targets = next(islice(batches.epoch(epoch), 1))
    order = ids[batches.draws(epoch).order[:len(pictures)].numpy()]
    seen = un_normalised(pictures, look["channel_mean"], look["channel_std"])
    np.savez(Path(request["folder"]) / FILE, seen=seen, originals=np.asarray(dataset.train_images[order]))
    count = len(order)
    # Each picture is mixed with the one before it, see :func:`engine.data.mixing.mix`.
    partners = [(place - 1) % count if isinstance(targets, Mixed) else None for place in range(count)]
    soft = soft_labels(targets, len(dataset.classes), config.label_smoothing)
    return {
        **look, "ids": order.tolist(), "labels": [named_shares(row, dataset.classes) for row in soft.tolist()],
        "partners": partners,
        "steps": batches.steps_per_epoch, "low": float(pictures.min()), "high": float(pictures.max()),
        "mean": float(pictures.mean()), "std": float(pictures.std()),
    }


def training_batches(config: RunConfig, dataset: Dataset) -> tuple[TrainBatches, np.ndarray[Any, Any], dict[str, Any]]:
    """The batches a run with this config trains on, the positions of their pictures, and how they are shown."""
    facts = data_facts(config.dataset, config.data_path)
    ids, _ = run_split(dataset.train_targets, config, dataset.classes)
    if config.batch_size > len(ids):
        raise ConfigError("batch_size", config.batch_size, f"at most {len(ids)}, the training pictures there are")
    size, _ = input_size(config.model, facts.size, config.image_size)
    mean, std = dataset.mean, dataset.std
    augmentation = AUGMENTATIONS[config.augmentation]
    batches = TrainBatches(
        chosen(dataset.train_images, ids), dataset.train_targets[ids], batch_size=config.batch_size, augmentation=augmentation,
        mixing=mixing_of(config), train_scale=scale_range(config.train_scale) if augmentation.scaled else None,
        size=size, mean=mean, std=std, seed=config.seed, device="cpu", channels_last=False, flips=facts.flips)
    return batches, ids, {"size": size, "channel_mean": list(mean), "channel_std": list(std)}


def un_normalised(pictures: Tensor, mean: Sequence[float], std: Sequence[float]) -> np.ndarray[Any, Any]:
    """float32 [B, C, H, W], normalised, back to uint8 [B, H, W, C], rounded to whole levels."""
    shape = (1, -1, 1, 1)
    unit = pictures * torch.tensor(std).view(shape) + torch.tensor(mean).view(shape)
    levels: np.ndarray[Any, Any] = (unit * 255).round().clamp(0, 255).byte().permute(0, 2, 3, 1).contiguous().numpy()
    return levels


def soft_labels(targets: Tensor | Mixed, classes: int, smoothing: float) -> Tensor:
    """What the loss compares with: float32 [B, classes], each row summing to 1."""
    if isinstance(targets, Mixed):
        return targets.soft(classes, smoothing)
    return (1 - smoothing) * functional.one_hot(targets, classes).float() + smoothing / classes


def named_shares(shares: Sequence[float], classes: Sequence[str]) -> list[tuple[str, float]]:
    """A soft label for people: its largest classes with their shares, largest first, and the rest as ``others``."""
    ranked = sorted(range(len(shares)), key=lambda label: -shares[label])
    even = max(min(shares), _LEAST)
    named = [(classes[label], round(shares[label], 4)) for label in ranked[:_NAMED] if shares[label] > even + 1e-6]
    others = 1 - sum(share for _, share in named)
    return named + ([("others", round(others, 4))] if others > _LEAST else [])
