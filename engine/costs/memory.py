"""Predicts the peak memory of a training step on fake tensors, without computing or allocating anything large."""

import gc
import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional
from torch.optim import Optimizer

from engine.catalog.models import model_row
from engine.config import RunConfig
from engine.costs.keys import SAVED, TRACKED, TRACKED_AS_ADAM
from engine.errors import UserError
from engine.models.build import build_model, check_size
from engine.models.detectors import shapes_of
from engine.models.ready_detector import detector_of
from engine.models.recompute import recompute_activations
from engine.store import Store
from engine.tasks import TASKS
from engine.training.devices import DTYPES
from engine.training.memory import process_bytes

try:
    # A private module, valid for the torch versions that requirements.txt allows.
    from torch.distributed._tools.mem_tracker import MemTracker
except ImportError:
    MemTracker = None  # type: ignore[assignment,misc]

_STATES_OF_ADAM = 2
_FAKE_ERRORS = (RuntimeError, TypeError, ValueError, AttributeError, AssertionError, NotImplementedError, KeyError)


def predict_memory(request: dict[str, Any]) -> dict[str, Any]:
    """Predict the peak memory of training for an :func:`engine.costs.keys.memory_request`.

    ``torch.distributed._tools.mem_tracker`` follows every tensor of one optimizer step on fake tensors; its results
    were 1–11 % below those of torch's allocator. If it cannot follow a model or optimizer, the tensors that autograd
    saves for the backward pass are added up instead. Detectors always use the sum, as their later steps depend on the
    predictions.

    Returns:
        Bytes: ``training`` (peak of a step), ``evaluation`` (peak of a pass of ``eval_batch`` pictures, including
        weights and optimizer), ``weights``, ``optimizer``, ``process`` (this process with a trainer's imports); and
        ``source``, the method. Or ``error``, one line.
    """
    process = process_bytes()
    config = RunConfig.model_validate(request["config"])
    shape = Shape(int(request["classes"]), int(request["channels"]), int(request["size"]))
    try:
        found: dict[str, Any] = TASKS[model_row(config.model).task].memory(config, shape, int(request["eval_batch"]))
    except UserError as error:
        return {"error": str(error)}
    return {**found, "process": process}


@dataclass(frozen=True)
class Shape:
    """Classes, channels and size of a batch."""

    classes: int
    channels: int
    size: int

    def images(self, count: int) -> Tensor:
        return torch.empty(count, self.channels, self.size, self.size)


def memory_of_classifier(config: RunConfig, shape: Shape, eval_batch: int) -> dict[str, Any]:
    """Return :func:`predict_memory`'s result without ``process``."""
    check_size(config.model, channels=shape.channels, size=shape.size, patch_size=config.patch_size)
    try:
        return _track_tensors(config, shape, eval_batch)
    except UserError:
        raise
    except _FAKE_ERRORS:
        return _sum_saved_tensors(config, shape)


def memory_of_detector(config: RunConfig, shape: Shape, _eval_batch: int) -> dict[str, Any]:
    """Return :func:`predict_memory`'s result without ``process``."""
    return _sum_saved_tensors(config, shape, _DetectorTrainee)


@dataclass(frozen=True)
class _Teacher:
    """The model whose predictions a run learns, and the side of its input in pixels."""

    model: nn.Module
    size: int

    @torch.no_grad()
    def predict(self, images: Tensor) -> None:
        self.model(functional.interpolate(images, (self.size, self.size)))


def _teacher(config: RunConfig) -> _Teacher | None:
    if not config.teacher:
        return None
    run = Store.open().runs.get(config.teacher)
    return _Teacher(TASKS[run.task].restored_model(run, torch.device("meta")), run.resolved["image_size"])


class _Trainee:
    """A model with its optimizer, and one step of both."""

    def __init__(self, config: RunConfig, shape: Shape, model: nn.Module, teacher: "_Teacher | None" = None) -> None:
        from engine.models.groups import parameter_groups, set_train_mode
        from engine.training.setup import build_optimizer

        self.config, self.model, self.teacher = config, model, teacher
        self.optimizer: Optimizer = build_optimizer(config, parameter_groups(model, config))
        self.learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
        _frozen_to_buffers(model)
        set_train_mode(model, config)
        self.images = shape.images(math.ceil(config.batch_size / config.accumulate))
        self.targets = torch.zeros(len(self.images), dtype=torch.int64)
        self.unfollowed = 0

    def first_step(self) -> None:
        """Create the optimizer's state; if that needs real numbers, assume a state as large as Adam's."""
        self.loss().backward()
        try:
            self.optimizer.step()
        except _FAKE_ERRORS:
            self.optimizer = torch.optim.SGD(self.learning)
            self.unfollowed = _STATES_OF_ADAM * sum(parameter.nbytes for parameter in self.learning)

    def step(self) -> None:
        """Run a step like the training loop; with accumulation its second part, when gradients exist."""
        if self.config.accumulate == 1:
            self.optimizer.zero_grad(set_to_none=True)
        self.loss().backward()
        self.optimizer.step()

    def loss(self) -> Tensor:
        with self._autocast():
            loss = functional.cross_entropy(self.model(self.images), self.targets)
            if self.teacher:
                self.teacher.predict(self.images)
            return loss

    def evaluate(self, images: Tensor) -> None:
        """Run a forward pass in single precision, like validation and test."""
        with torch.no_grad():
            self.model(images)

    def _autocast(self) -> AbstractContextManager[None]:
        dtype = DTYPES[self.config.precision]
        return torch.autocast("cpu", dtype, enabled=dtype != torch.float32)


class _DetectorTrainee(_Trainee):
    """The part of a detector whose computation depends only on shapes."""

    def loss(self) -> Tensor:
        with self._autocast():
            return torch.stack([part.float().sum() for part in shapes_of(self.model, self.images)]).sum()


def _track_tensors(config: RunConfig, shape: Shape, eval_batch: int) -> dict[str, Any]:
    """Follow every tensor; a first, uncounted step creates the optimizer's state."""
    with torch.device("meta"):
        model, teacher = _built(config, shape), _teacher(config)
    with FakeTensorMode():
        _allocate_fake(model)
        if teacher:
            _allocate_fake(teacher.model)
        trainee = _Trainee(config, shape, model, teacher)
        trainee.first_step()
        training = _peak(trainee, trainee.step)
        model.eval()
        images = shape.images(eval_batch)
        evaluation = _peak(trainee, lambda: trainee.evaluate(images), images)
        optimizer = _state_bytes(trainee.optimizer)
    weights = _weight_bytes(model)
    beside = trainee.unfollowed + (weights if config.ema_decay else 0) + _teacher_bytes(trainee)
    return {"training": training + beside, "evaluation": evaluation + beside, "weights": weights,
            "optimizer": optimizer + trainee.unfollowed,
            "source": TRACKED_AS_ADAM if trainee.unfollowed else TRACKED}


def _sum_saved_tensors(config: RunConfig, shape: Shape, kind: type[_Trainee] = _Trainee) -> dict[str, Any]:
    """Add up what autograd saves, computed on shapes, and an optimizer state as large as Adam's."""
    with torch.device("meta"):
        trainee = kind(config.model_copy(update={"optimizer": "SGD"}), shape, _BUILT[kind](config, shape),
                       _teacher(config))
        own = {id(tensor.untyped_storage()) for tensor in (*trainee.model.parameters(), *trainee.model.buffers())}
        kept: dict[int, int] = {}

        def keep(tensor: Tensor) -> Tensor:
            storage = tensor.untyped_storage()
            if id(storage) not in own:
                kept[storage._cdata] = storage.nbytes()
            return tensor

        with saved_tensors_hooks(keep, lambda tensor: tensor):
            trainee.loss()
    learning = sum(parameter.nbytes for parameter in trainee.learning)
    weights = _weight_bytes(trainee.model)
    optimizer = _STATES_OF_ADAM * learning
    standing = weights * (2 if config.ema_decay else 1) + optimizer + _teacher_bytes(trainee)
    activations = sum(kept.values()) + trainee.images.nbytes
    return {"training": standing + learning + activations, "evaluation": standing + learning, "weights": weights,
            "optimizer": optimizer, "source": SAVED}


def _built(config: RunConfig, shape: Shape) -> nn.Module:
    model = build_model(config.model, classes=shape.classes, channels=shape.channels, size=shape.size,
                        stem=config.stem, patch_size=config.patch_size, dropout=config.dropout,
                        drop_path=config.drop_path)
    if config.gradient_checkpointing:
        recompute_activations(model, config.model)
    return model


def _built_detector(config: RunConfig, shape: Shape) -> nn.Module:
    return detector_of(config.model, shape.classes)


_BUILT: dict[type[_Trainee], Callable[[RunConfig, Shape], nn.Module]] = {
    _Trainee: _built, _DetectorTrainee: _built_detector}


def _allocate_fake(model: nn.Module) -> None:
    """Replace meta tensors by fake ones, whose storage is counted; call inside the fake mode."""
    for module in model.modules():
        for name, parameter in list(module._parameters.items()):
            if parameter is not None:
                fresh = torch.empty(parameter.shape, dtype=parameter.dtype)
                module._parameters[name] = nn.Parameter(fresh, requires_grad=parameter.requires_grad)
        for name, buffer in list(module._buffers.items()):
            if buffer is not None:
                module._buffers[name] = torch.empty(buffer.shape, dtype=buffer.dtype)


def _frozen_to_buffers(model: nn.Module) -> None:
    """Turn frozen parameters into buffers, since the tracker needs gradients of all parameters."""
    for module in model.modules():
        for name, parameter in list(module._parameters.items()):
            if parameter is not None and not parameter.requires_grad:
                del module._parameters[name]
                module._buffers[name] = parameter.data


def _peak(trainee: _Trainee, work: Callable[[], None], *others: Tensor) -> int:
    """Return the peak bytes of all tensors during ``work``, including existing ones."""
    gc.collect()
    tracker = MemTracker()
    gradients = [parameter.grad for parameter in trainee.model.parameters() if parameter.grad is not None]
    tracker.track_external(trainee.model, trainee.optimizer, trainee.images, trainee.targets, *gradients, *others)
    with tracker:
        work()
    return sum(int(snapshot["Total"]) for snapshot in tracker.get_tracker_snapshot("peak").values())


def _weight_bytes(model: nn.Module) -> int:
    return sum(tensor.nbytes for tensor in (*model.parameters(), *model.buffers()))


def _teacher_bytes(trainee: _Trainee) -> int:
    return _weight_bytes(trainee.teacher.model) if trainee.teacher else 0


def _state_bytes(optimizer: Optimizer) -> int:
    return sum(value.nbytes for state in optimizer.state.values() for value in state.values()
               if isinstance(value, Tensor))
