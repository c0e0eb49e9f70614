"""Previews of a training batch, as the model's input turned back into pictures."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.config import parse_config
from engine.config.steps import picture_size
from engine.data import load_dataset
from engine.data.facts import data_facts
from engine.data.mixing import Mixed
from engine.data.split import run_split
from engine.labels.targets import place_texts
from engine.models.ready import weights_normalisation
from engine.tasks import task_of
from engine.training.classification import batches_of
from engine.training.losses import soft
from engine.training.objective import InputFormat

FILE = "pictures.npz"
_NAMED = 2
_LEAST = 0.005


def preview(request: dict[str, Any]) -> dict[str, Any]:
    """The job ``preview`` for classification.

    Args:
        request: ``config``, options by name; ``epoch``, from 0; ``folder``, where :data:`FILE` is written: ``seen``
        uint8 [B, size, size, C], the denormalised batch, and ``originals`` uint8 [B, H, W, C].

    Returns:
        ``labels``, each picture's largest classes, see :func:`largest_shares`; ``ids``, positions among the training
        pictures; ``sources``, positions in the batch of the pictures that are mixed, larger share first; ``steps`` of
        the epoch; ``low``, ``high``, ``mean`` and ``std`` of the normalised values; ``channel_mean`` and
        ``channel_std`` of the normalisation.

    Raises:
        UserError: the config is invalid, or data or weights are missing.
    """
    config, epoch = parse_config(request["config"]), int(request["epoch"])
    dataset = load_dataset(config.dataset, config.data_path, unreadable=config.unreadable)
    mean, std = weights_normalisation(config, dataset.train_images.shape[-1])
    look = InputFormat(picture_size(config), mean or dataset.mean, std or dataset.std, torch.device("cpu"), False)
    batches = batches_of(config, dataset, look).train
    pictures, targets = next(islice(batches.epoch(epoch), 1))
    ids = run_split(dataset.train_targets, config, dataset.classes)[0]
    ids = ids[batches.draws(epoch).order[:len(pictures)].numpy()]
    np.savez(Path(request["folder"]) / FILE, seen=denormalise(pictures, look.mean, look.std),
             originals=np.asarray(dataset.train_images[ids]))
    return {
        "ids": ids.tolist(), "labels": _labels(targets, dataset.classes, config.label_smoothing),
        "sources": sources_of(targets), "steps": batches.steps_per_epoch,
        **_statistics(pictures, look.mean, look.std),
    }


def _labels(targets: Tensor | Mixed, classes: Sequence[str], smoothing: float) -> list[list[tuple[str, float]]]:
    """Return the classes of each picture with their shares; of several classes, those of each source together."""
    first = targets.first if isinstance(targets, Mixed) else targets
    if first.ndim == 1:
        return [largest_shares(row, classes) for row in soft(targets, len(classes), smoothing).tolist()]
    texts = place_texts(first.numpy(), classes)
    if not isinstance(targets, Mixed):
        return [[(text, 1.0)] for text in texts]
    others, shares = place_texts(targets.second.numpy(), classes), targets.share.tolist()
    pairs = ([(text, round(share, 4)), (other, round(1 - share, 4))]
             for text, other, share in zip(texts, others, shares, strict=True))
    return [sorted((each for each in pair if each[1] > _LEAST), key=lambda each: -each[1]) for pair in pairs]


def _statistics(values: Tensor, mean: Sequence[float], std: Sequence[float]) -> dict[str, Any]:
    """Return statistics of the normalised values, and the normalisation."""
    return {"low": float(values.min()), "high": float(values.max()), "mean": float(values.mean()),
            "std": float(values.std()), "channel_mean": list(mean), "channel_std": list(std)}


def sources_of(targets: Tensor | Mixed) -> list[list[int]]:
    """Return the positions of the pictures that each mixed picture consists of, larger share first. These are itself
    and, if its share is large enough, the previous one, see :func:`engine.data.mixing.mix`."""
    count = len(targets)
    shares = targets.share.tolist() if isinstance(targets, Mixed) else [1.0] * count
    pairs = [[place, (place - 1) % count] for place in range(count)]
    return [(pair if share >= 0.5 else pair[::-1])[:1 if max(share, 1 - share) > 1 - _LEAST else 2]
            for pair, share in zip(pairs, shares, strict=True)]


def denormalise(pictures: Tensor, mean: Sequence[float], std: Sequence[float]) -> np.ndarray[Any, Any]:
    """Turn float32 [B, C, H, W] back into uint8 [B, H, W, C], rounded."""
    shape = (1, -1, 1, 1)
    unit = pictures * torch.tensor(std).view(shape) + torch.tensor(mean).view(shape)
    levels: np.ndarray[Any, Any] = (unit * 255).round().clamp(0, 255).byte().permute(0, 2, 3, 1).contiguous().numpy()
    return levels


def largest_shares(shares: Sequence[float], classes: Sequence[str]) -> list[tuple[str, float]]:
    """Return a soft label's largest classes with their shares, largest first, and the rest as ``others``."""
    ranked = sorted(range(len(shares)), key=lambda label: -shares[label])
    even = max(min(shares), _LEAST)
    named = [(classes[label], round(shares[label], 4)) for label in ranked[:_NAMED] if shares[label] > even + 1e-6]
    others = 1 - sum(share for _, share in named)
    return named + ([("others", round(others, 4))] if others > _LEAST else [])


def preview_boxes(request: dict[str, Any]) -> dict[str, Any]:
    """The job ``preview`` for detection.

    Args:
        request: ``config``, options by name; ``epoch``, from 0; ``folder``, where :data:`FILE` is written: each picture
        uint8 [H, W, 3], denormalised, named by its position in the batch.

    Returns:
        Each picture's ``boxes`` (x1, y1, x2, y2 in its pixels) and ``labels``; the ``classes``; the other keys as in
        :func:`preview`.

    Raises:
        UserError: the config is invalid, or data or weights are missing.
    """
    config = parse_config(request["config"])
    task, size = task_of(config.dataset), picture_size(config)
    dataset = task.load(config.dataset, config.data_path, unreadable=config.unreadable)
    begun = task.ready_model(config, data_facts(config.dataset, config.data_path), size, True)
    mean, std = begun.mean or dataset.mean, begun.std or dataset.std
    batches = task.batches(config, dataset, InputFormat(size, mean, std, torch.device("cpu"), False)).train
    pictures, targets = next(islice(batches.epoch(int(request["epoch"])), 1))
    np.savez(Path(request["folder"]) / FILE, **{str(place): denormalise(picture[None], mean, std)[0]
                                                for place, picture in enumerate(pictures)})
    values = torch.cat([picture.flatten() for picture in pictures])
    return {
        "boxes": [target["boxes"].tolist() for target in targets],
        "labels": [target["labels"].tolist() for target in targets], "classes": list(dataset.classes),
        "steps": batches.steps_per_epoch, **_statistics(values, mean, std),
    }
