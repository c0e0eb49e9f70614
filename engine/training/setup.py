"""Everything a run trains with, made from its config."""

from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from engine.catalog.models import input_size
from engine.catalog.optimizers import optimizer_row
from engine.config import RunConfig
from engine.data.facts import Facts, data_facts
from engine.errors import ConfigError, UserError
from engine.models.groups import learn
from engine.models.ready import Ready
from engine.tasks import Task, task_of
from engine.training.devices import Precision, pick_device
from engine.training.fitting import Fitted, Forward
from engine.training.machine import tune_process
from engine.training.objective import Batches, LoadedData, Look, Objective, TrainingBatches
from engine.training.rates import Schedule


def build_optimizer(config: RunConfig, groups: list[dict[str, Any]]) -> Optimizer:
    """timm's optimizer by that name for these groups of parameters, fused where torch can.

    Args:
        groups: each with ``params`` and ``weight_decay``, and where it differs from the config's its ``lr``, or an
            ``lr_scale`` of it.

    Raises:
        ConfigError: the optimizer cannot take these parameters.
    """
    from timm.optim import create_optimizer_v2

    row = optimizer_row(config.optimizer)
    options = row.options(config) | ({"fused": True} if row.fused else {})
    try:
        optimizer: Optimizer = create_optimizer_v2(groups, opt=row.timm, lr=config.lr, **options)
    except (ValueError, TypeError, AssertionError) as error:
        raise ConfigError("optimizer", config.optimizer, f"an optimizer for this model: {error}") from error
    return optimizer


@dataclass
class Setup:
    """A run ready to train.

    Attributes:
        forward: the model as training calls it; it may be compiled.
        average: timm's ``ModelEmaV3`` of the model, or None.
        resolved: what was decided for the run, kept so that resuming decides the same.
    """

    config: RunConfig
    objective: Objective
    device: torch.device
    precision: Precision
    dataset: LoadedData
    model: nn.Module
    forward: Forward
    average: Any
    optimizer: Optimizer
    schedule: Schedule
    train: TrainingBatches
    validation: Any
    resolved: dict[str, Any] = field(default_factory=dict)

    @property
    def evaluated(self) -> nn.Module:
        """What is validated and tested: the average of the weights if there is one, else the model itself."""
        model: nn.Module = self.model if self.average is None else self.average.module
        return model

    @property
    def parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.model.parameters())


def prepare(
    config: RunConfig, slot: str | None, previous: dict[str, Any], *, weights_follow: bool = False,
) -> Setup:
    """Load the data and build the model, optimizer and batches.

    Args:
        slot: the device the dispatcher gave the run, or None to choose by ``config.device``.
        previous: ``resolved`` of the attempt that is resumed; empty for a new run.
        weights_follow: a checkpoint's weights will be loaded, so that those the run began from are not fetched again.

    Raises:
        UserError: data or weights are missing, the batch or picture size does not fit, the device is not there or
            cannot compute so.
    """
    # A process that was given a slot sees that device only, as the first of its kind.
    device = pick_device(slot.partition(":")[0] if slot else config.device)
    precision = Precision(config.precision, device)
    machine = tune_process(device, previous.get("machine"))
    torch.manual_seed(config.seed)
    task = task_of(config.dataset)
    dataset: LoadedData = task.load(config.dataset, config.data_path, unreadable=config.unreadable)
    facts = data_facts(config.dataset, config.data_path)
    size, resizing = input_size(config.model, facts.size, config.image_size)
    begun = _begun(task, config, facts, size, previous if weights_follow else {})
    fitted: Fitted = task.fit(begun.model.to(device), config, precision, (facts.channels, size), device, previous)
    optimizer = build_optimizer(config, learn(fitted.model, config))
    look = Look(size, begun.mean or dataset.mean, begun.std or dataset.std, device, fitted.channels_last)
    batches: Batches[Any] = task.batches(config, dataset, look)
    resolved = batches.resolved | {
        "image_size": size, "channels": facts.channels, "classes": len(dataset.classes),
        "class_names": list(dataset.classes), "normalisation": "weights" if begun.mean else "data",
        "channels_last": fitted.channels_last, "small_maps": fitted.small_maps, "machine": machine,
        "weights_report": list(begun.report), "continued_at": previous.get("continued_at"),
        "notes": [note for note in (resizing, *begun.report, *fitted.notes, *batches.notes) if note],
    }
    return Setup(config, task.objective(config), device, precision, dataset, fitted.model,
                 fitted.forward, _average(config, fitted.model), optimizer,
                 Schedule(config, optimizer, batches.train.steps_per_epoch), batches.train, batches.validation,
                 resolved)


def _begun(task: Task, config: RunConfig, facts: Facts, size: int, previous: dict[str, Any]) -> Ready:
    """The model as the run begins with it; what an earlier attempt was told of its weights still holds.

    Raises:
        UserError: also when the earlier attempt was a version's that decided less.
    """
    if not previous:
        fresh: Ready = task.ready_model(config, facts, size, True)
        return fresh
    if "normalisation" not in previous:
        raise UserError("this run was begun by an earlier version of Darkroom, which trained otherwise: clone it, and "
                        "to go on from what it has learnt choose weights=file with its checkpoint's model.safetensors")
    own = previous["normalisation"] == "weights"
    empty: Ready = task.ready_model(config, facts, size, False)
    return replace(
        empty, report=tuple(previous["weights_report"]),
        mean=tuple(previous["mean"]) if own else None, std=tuple(previous["std"]) if own else None)


def _average(config: RunConfig, model: nn.Module) -> Any:
    """timm's moving average; its decay grows to the config's over the first steps, so that short runs profit too."""
    from timm.utils import ModelEmaV3

    return ModelEmaV3(model, decay=config.ema_decay, use_warmup=True) if config.ema_decay else None
