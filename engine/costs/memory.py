"""Peak memory of a training step, predicted on fake tensors: nothing is computed, and nothing large is allocated."""

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
from engine.costs.keys import FOLLOWED, FOLLOWED_AS_ADAM, SAVED
from engine.errors import UserError
from engine.models.build import build_model, check_size
from engine.models.detectors import shapes_of
from engine.models.ready_detector import detector_of
from engine.tasks import TASKS
from engine.training.devices import DTYPES
from engine.training.memory import process_bytes

try:
    # A private module, whose name and behaviour hold for the torch that requirements.txt bounds.
    from torch.distributed._tools.mem_tracker import MemTracker
except ImportError:
    MemTracker = None  # type: ignore[assignment,misc]

_STATES_OF_ADAM = 2
_FAKE_ERRORS = (RuntimeError, TypeError, ValueError, AttributeError, AssertionError, NotImplementedError, KeyError)


def predict_memory(request: dict[str, Any]) -> dict[str, Any]:
    """The peak memory of training as :func:`engine.costs.keys.memory_request` describes it.

    Every tensor of one optimizer step is followed on fake tensors by ``torch.distributed._tools.mem_tracker``, whose
    counts were 1–11 % below those of torch's own allocator; where that cannot follow a model or optimizer, what
    autograd saves for the backward pass is added up instead, as it is of detectors, whose later steps depend on what
    they find.

    Returns:
        Bytes: ``training`` (peak of a step), ``evaluation`` (peak of a pass of ``eval_batch`` pictures, with weights
        and optimizer kept), ``weights``, ``optimizer``, and ``process`` (what this process holds, having imported
        what a trainer does); and ``source``, how it was found. Or ``error``, one line.
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
    """Of a batch of pictures but for their number."""

    classes: int
    channels: int
    size: int

    def images(self, count: int) -> Tensor:
        return torch.empty(count, self.channels, self.size, self.size)


def memory_of_classifier(config: RunConfig, shape: Shape, eval_batch: int) -> dict[str, Any]:
    """What :func:`predict_memory` returns but for ``process``."""
    check_size(config.model, channels=shape.channels, size=shape.size)
    try:
        return _followed(config, shape, eval_batch)
    except UserError:
        raise
    except _FAKE_ERRORS:
        return _saved(config, shape)


def memory_of_detector(config: RunConfig, shape: Shape, _eval_batch: int) -> dict[str, Any]:
    """As :func:`memory_of_classifier`."""
    return _saved(config, shape, _DetectorTrainee)


class _Trainee:
    """A model with its optimizer, and one step of both."""

    def __init__(self, config: RunConfig, shape: Shape, model: nn.Module) -> None:
        from engine.models.groups import learn, train_mode
        from engine.training.setup import build_optimizer

        self.config, self.model = config, model
        self.optimizer: Optimizer = build_optimizer(config, learn(model, config))
        self.learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
        _frozen_as_buffers(model)
        train_mode(model, config)
        self.images = shape.images(math.ceil(config.batch_size / config.accumulate))
        self.targets = torch.zeros(len(self.images), dtype=torch.int64)
        self.unfollowed = 0

    def first_step(self) -> None:
        """Make the optimizer's state; of an optimizer that needs real numbers for it, take it to be as Adam's."""
        self.loss().backward()
        try:
            self.optimizer.step()
        except _FAKE_ERRORS:
            self.optimizer = torch.optim.SGD(self.learning)
            self.unfollowed = _STATES_OF_ADAM * sum(parameter.nbytes for parameter in self.learning)

    def step(self) -> None:
        """A step as the training loop does it; with accumulation its second part, which finds gradients there."""
        if self.config.accumulate == 1:
            self.optimizer.zero_grad(set_to_none=True)
        self.loss().backward()
        self.optimizer.step()

    def loss(self) -> Tensor:
        with self._autocast():
            return functional.cross_entropy(self.model(self.images), self.targets)

    def look(self, images: Tensor) -> None:
        """As validation and tests do, in single precision whatever training computes in."""
        with torch.no_grad():
            self.model(images)

    def _autocast(self) -> AbstractContextManager[None]:
        dtype = DTYPES[self.config.precision]
        return torch.autocast("cpu", dtype, enabled=dtype != torch.float32)


class _DetectorTrainee(_Trainee):
    """A detector, as far as what it computes depends on shapes alone."""

    def loss(self) -> Tensor:
        with self._autocast():
            return torch.stack([part.float().sum() for part in shapes_of(self.model, self.images)]).sum()


def _followed(config: RunConfig, shape: Shape, eval_batch: int) -> dict[str, Any]:
    """By following every tensor. The step before the one that counts makes the optimizer's state."""
    with torch.device("meta"):
        model = _built(config, shape)
    with FakeTensorMode():
        _give_storage(model)
        trainee = _Trainee(config, shape, model)
        trainee.first_step()
        training = _peak(trainee, trainee.step)
        model.eval()
        images = shape.images(eval_batch)
        evaluation = _peak(trainee, lambda: trainee.look(images), images)
        optimizer = _state_bytes(trainee.optimizer)
    weights = _weight_bytes(model)
    beside = trainee.unfollowed + (weights if config.ema_decay else 0)
    return {"training": training + beside, "evaluation": evaluation + beside, "weights": weights,
            "optimizer": optimizer + trainee.unfollowed,
            "source": FOLLOWED_AS_ADAM if trainee.unfollowed else FOLLOWED}


def _saved(config: RunConfig, shape: Shape, kind: type[_Trainee] = _Trainee) -> dict[str, Any]:
    """By adding up what autograd saves on shapes alone, and an optimizer's state as Adam's."""
    with torch.device("meta"):
        trainee = kind(config.model_copy(update={"optimizer": "SGD"}), shape, _BUILT[kind](config, shape))
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
    standing = weights * (2 if config.ema_decay else 1) + optimizer
    activations = sum(kept.values()) + trainee.images.nbytes
    return {"training": standing + learning + activations, "evaluation": standing + learning, "weights": weights,
            "optimizer": optimizer, "source": SAVED}


def _built(config: RunConfig, shape: Shape) -> nn.Module:
    return build_model(config.model, classes=shape.classes, channels=shape.channels, size=shape.size,
                       stem=config.stem, dropout=config.dropout, drop_path=config.drop_path)


def _built_detector(config: RunConfig, shape: Shape) -> nn.Module:
    return detector_of(config.model, shape.classes)


_BUILT: dict[type[_Trainee], Callable[[RunConfig, Shape], nn.Module]] = {
    _Trainee: _built, _DetectorTrainee: _built_detector}


def _give_storage(model: nn.Module) -> None:
    """Replace meta tensors by fake ones, whose storage is counted; called within the fake mode."""
    for module in model.modules():
        for name, parameter in list(module._parameters.items()):
            if parameter is not None:
                fresh = torch.empty(parameter.shape, dtype=parameter.dtype)
                module._parameters[name] = nn.Parameter(fresh, requires_grad=parameter.requires_grad)
        for name, buffer in list(module._buffers.items()):
            if buffer is not None:
                module._buffers[name] = torch.empty(buffer.shape, dtype=buffer.dtype)


def _frozen_as_buffers(model: nn.Module) -> None:
    """What is frozen counts all the same, but the tracker cannot watch parameters without gradients."""
    for module in model.modules():
        for name, parameter in list(module._parameters.items()):
            if parameter is not None and not parameter.requires_grad:
                del module._parameters[name]
                module._buffers[name] = parameter.data


def _peak(trainee: _Trainee, work: Callable[[], None], *others: Tensor) -> int:
    """The most bytes that tensors hold at once during ``work``, with what is there before it."""
    gc.collect()
    tracker = MemTracker()
    gradients = [parameter.grad for parameter in trainee.model.parameters() if parameter.grad is not None]
    tracker.track_external(trainee.model, trainee.optimizer, trainee.images, trainee.targets, *gradients, *others)
    with tracker:
        work()
    return sum(int(snapshot["Total"]) for snapshot in tracker.get_tracker_snapshot("peak").values())


def _weight_bytes(model: nn.Module) -> int:
    return sum(tensor.nbytes for tensor in (*model.parameters(), *model.buffers()))


def _state_bytes(optimizer: Optimizer) -> int:
    return sum(value.nbytes for state in optimizer.state.values() for value in state.values()
               if isinstance(value, Tensor))
