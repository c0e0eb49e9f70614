"""Builds everything a run trains with from its config."""

from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from engine.catalog.optimizers import optimizer_row
from engine.config import RunConfig
from engine.config.steps import input_side
from engine.data.facts import Facts, data_facts
from engine.errors import ConfigError, UserError
from engine.models.groups import parameter_groups
from engine.models.ready import ReadyModel
from engine.tasks import Task, task_of
from engine.training.devices import Precision, pick_device
from engine.training.distillation import taught, teacher_of
from engine.training.fitting import FittedModel, Forward
from engine.training.machine import tune_process
from engine.training.objective import Batches, InputFormat, LoadedData, Objective, TrainingBatches
from engine.training.schedule import Schedule


def build_optimizer(config: RunConfig, groups: list[dict[str, Any]]) -> Optimizer:
    """Build timm's optimizer for these parameter groups, fused if torch supports it.

    Args:
        groups: with ``params`` and ``weight_decay``, and optionally their own ``lr`` or ``lr_scale``.

    Raises:
        ConfigError: the optimizer does not support these parameters.
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
    """A run ready for training.

    Attributes:
        forward: the model as called in training, maybe compiled.
        average: timm's ``ModelEmaV3`` of the model, or None.
        resolved: settings determined for the run, stored so that resuming uses the same.
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
        """The model for validation and test: the moving average if there is one."""
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
        slot: the device that the dispatcher assigned, or None to use ``config.device``.
        previous: ``resolved`` of the attempt that is resumed; empty for a new run.
        weights_follow: a checkpoint is loaded next, so that initial weights are not needed.

    Raises:
        UserError: data or weights are missing, the batch or picture size does not fit, or the device is missing or does
        not support the precision.
    """
    # A process with a slot sees only that device, as the first of its kind.
    device = pick_device(slot.partition(":")[0] if slot else config.device)
    precision = Precision(config.precision, device)
    machine = tune_process(device, previous.get("machine"))
    torch.manual_seed(config.seed)
    task = task_of(config.dataset)
    dataset: LoadedData = task.load(config.dataset, config.data_path, unreadable=config.unreadable)
    facts = data_facts(config.dataset, config.data_path)
    size, resizing = input_side(config)
    initial = _initial_model(task, config, facts, size, previous if weights_follow else {})
    fitted: FittedModel = task.fit(
        initial.model.to(device), config, precision, (facts.channels, size), device, previous)
    optimizer = build_optimizer(config, parameter_groups(fitted.model, config))
    look = InputFormat(size, initial.mean or dataset.mean, initial.std or dataset.std, device, fitted.channels_last)
    batches: Batches[Any] = task.batches(config, dataset, look)
    teacher = teacher_of(config, look, previous.get("teacher"))
    resolved = batches.resolved | {
        "image_size": size, "channels": facts.channels, "classes": len(dataset.classes),
        "class_names": list(dataset.classes), "normalisation": "weights" if initial.mean else "data",
        "channels_last": fitted.channels_last, "small_maps": fitted.small_maps, "machine": machine,
        "weights_report": list(initial.report), "continued_at": previous.get("continued_at"),
        "ledger": dataset.ledger.document(), "teacher": teacher and teacher.identity,
        "notes": [note for note in (resizing, *initial.report, teacher and teacher.note, *fitted.notes, *batches.notes)
                  if note],
    }
    objective = taught(task.objective(config, batches), teacher, config)
    return Setup(config, objective, device, precision, dataset, fitted.model, fitted.forward,
                 _average(config, fitted.model), optimizer,
                 Schedule(config, optimizer, batches.train.steps_per_epoch), batches.train, batches.validation,
                 resolved)


def _initial_model(task: Task, config: RunConfig, facts: Facts, size: int, previous: dict[str, Any]) -> ReadyModel:
    """Build the model with its initial weights, or for a resumed run without them.

    Raises:
        UserError: also if an earlier version, which recorded less, started the run.
    """
    if not previous:
        fresh: ReadyModel = task.ready_model(config, facts, size, True)
        return fresh
    if "normalisation" not in previous:
        raise UserError("this run was started by an earlier version of Darkroom and cannot be resumed: clone it; to "
                        "continue from its weights, choose weights=file with its checkpoint's model.safetensors")
    own = previous["normalisation"] == "weights"
    empty: ReadyModel = task.ready_model(config, facts, size, False)
    return replace(
        empty, report=tuple(previous["weights_report"]),
        mean=tuple(previous["mean"]) if own else None, std=tuple(previous["std"]) if own else None)


def _average(config: RunConfig, model: nn.Module) -> Any:
    """Return timm's moving average; its decay is warmed up, so that short runs profit too."""
    from timm.utils import ModelEmaV3

    return ModelEmaV3(model, decay=config.ema_decay, use_warmup=True) if config.ema_decay else None
