"""Everything a run trains with, made from its config."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypedDict

import torch
from torch import nn
from torch.optim import Optimizer

from engine.config import RunConfig
from engine.data import Dataset, load_dataset
from engine.data.augmentations import AUGMENTATIONS
from engine.data.batches import EvalBatches, TrainBatches
from engine.data.facts import data_facts
from engine.data.split import stratified_split
from engine.errors import ConfigError
from engine.models.build import build_model, check_size
from engine.models.catalog import input_size
from engine.training.machine import choose_channels_last, tune_process
from engine.training.optimisation import Schedule, build_optimizer
from engine.training.small_maps import use_small_map_gradients
from engine.training.tasks import CLASSIFICATION, Task

_EVAL_BATCH = 256


class _Look(TypedDict):
    """How pictures are shown to the model, the same for training, validation and test."""

    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    device: torch.device
    channels_last: bool


@dataclass
class Setup:
    """A run ready to train. ``resolved`` is what was decided for it, kept so that resuming decides the same."""

    config: RunConfig
    task: Task
    device: torch.device
    dataset: Dataset
    model: nn.Module
    optimizer: Optimizer
    schedule: Schedule
    train: TrainBatches
    validation: EvalBatches
    test: EvalBatches
    resolved: dict[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.model.parameters())


def prepare(config: RunConfig, slot: str | None, previous: dict[str, Any]) -> Setup:
    """Load the data and build the model, optimizer and batches.

    Args:
        slot: the device the dispatcher gave the run, or None to choose by ``config.device``.
        previous: ``resolved`` of the attempt that is resumed; empty for a new run.

    Raises:
        UserError: the data are missing, the batch or picture size does not fit, the device is not there.
    """
    # A process that was given a slot sees that device only, as the first of its kind.
    device = pick_device(slot.partition(":")[0] if slot else config.device)
    machine = tune_process(device, previous.get("machine"))
    torch.manual_seed(config.seed)
    dataset = load_dataset(config.dataset, config.data_path)
    size, note = input_size(config.model, data_facts(config.dataset, config.data_path).size, config.image_size)
    channels = dataset.train_images.shape[-1]
    check_size(config.model, channels=channels, size=size)
    model = build_model(config.model, classes=len(dataset.classes), channels=channels, size=size).to(device)
    example = torch.zeros(min(config.batch_size, 32), channels, size, size, device=device)
    channels_last = choose_channels_last(model, example, previous.get("channels_last"))
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    small_maps = use_small_map_gradients(model, example, previous.get("small_maps"))
    optimizer = build_optimizer(config, model)
    batches = _batches(config, dataset, size, device, channels_last)
    resolved = {
        "image_size": size, "channels": channels, "classes": len(dataset.classes),
        "class_names": list(dataset.classes), "mean": list(dataset.mean),
        "std": list(dataset.std), "channels_last": channels_last, "small_maps": small_maps, "machine": machine,
        "notes": [note] if note else [],
    }
    return Setup(config, CLASSIFICATION, device, dataset, model, optimizer,
                 Schedule(config, optimizer, batches[0].steps_per_epoch), *batches, resolved)


def pick_device(name: str) -> torch.device:
    """The device a name means here; ``auto`` is the first accelerator, else the CPU.

    Raises:
        ConfigError: this machine does not have it.
    """
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    if name == "auto":
        return found or torch.device("cpu")
    if name == "cpu":
        return torch.device("cpu")
    device = torch.device(name)
    if found is None or found.type != device.type or (device.index or 0) >= torch.accelerator.device_count():
        raise ConfigError("device", name, "a device of this machine; auto takes what there is")
    return device


def _batches(config: RunConfig, dataset: Dataset, size: int, device: torch.device,
             channels_last: bool) -> tuple[TrainBatches, EvalBatches, EvalBatches]:
    facts = data_facts(config.dataset, config.data_path)
    train_ids, val_ids = stratified_split(dataset.train_targets, config.val_fraction, config.seed)
    if config.batch_size > len(train_ids):
        raise ConfigError("batch_size", config.batch_size, f"at most {len(train_ids)}, the training pictures there are")
    look: _Look = {"size": size, "mean": dataset.mean, "std": dataset.std, "device": device,
                   "channels_last": channels_last}
    train = TrainBatches(
        dataset.train_images[train_ids], dataset.train_targets[train_ids], batch_size=config.batch_size,
        augmentation=AUGMENTATIONS[config.augmentation], seed=config.seed, flips=facts.flips, **look)
    eval_batch = max(config.batch_size, _EVAL_BATCH)
    validation = EvalBatches(
        dataset.train_images[val_ids], dataset.train_targets[val_ids], batch_size=eval_batch, **look)
    test = EvalBatches(dataset.test_images, dataset.test_targets, batch_size=eval_batch, **look)
    return train, validation, test
