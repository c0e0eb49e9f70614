"""Knowledge distillation: a run also learns the predictions of another, its teacher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.config import RunConfig
from engine.data.facts import data_facts
from engine.errors import UserError
from engine.files import sha256_of
from engine.models.teachers import check_teacher
from engine.store import Run, Store
from engine.tasks import TASKS
from engine.training.checkpoint_index import WEIGHTS, read_index
from engine.training.checkpoints import load_weights
from engine.training.fitting import Forward
from engine.training.objective import BatchLosses, InputFormat, Objective


@dataclass(frozen=True, eq=False)
class Teacher:
    """A trained model that predicts the batches of another run.

    Attributes:
        model: in evaluation mode.
        scale, shift: float32 [C, 1, 1], from the batch's normalisation to the model's.
        size: side of the model's input in pixels; other batches are resized (bilinear, antialiased).
        order: int64 [K], the model's output for each class of the run that learns.
        identity: which weights these are, stored so that resuming uses the same.
    """

    model: nn.Module
    scale: Tensor
    shift: Tensor
    size: int
    order: Tensor
    identity: Mapping[str, Any]

    @property
    def note(self) -> str:
        return "learns the predictions of run {run}, {name} ({checkpoint})".format(**self.identity)

    @torch.no_grad()
    def __call__(self, images: Tensor) -> Tensor:
        """Return logits [B, K] of a normalised batch, float32 [B, C, S, S]."""
        seen = torch.addcmul(self.shift, images, self.scale)
        if seen.shape[-1] != self.size:
            seen = functional.interpolate(seen, (self.size, self.size), mode="bilinear", antialias=True)
        logits: Tensor = self.model(seen)
        return logits[:, self.order]


@dataclass(frozen=True)
class Distillation:
    """A task's objective, and beside it the loss against a teacher's predictions of the same batch.

    Validation and the loss of an epoch are the task's own, so that they are comparable with those of other runs.

    Attributes:
        share: of the loss against the teacher; 1: labels are not learnt.
        temperature: divides both predictions' logits.
    """

    own: Objective
    teacher: Teacher
    share: float
    temperature: float

    def learn(self, forward: Forward, images: Tensor, targets: Any) -> BatchLosses:
        """Return the mean of both losses, weighted."""
        logits: list[Tensor] = []

        def kept(pictures: Tensor) -> Tensor:
            logits.append(forward(pictures))
            return logits[-1]

        learnt = self.own.learn(kept, images, targets)
        taught = distance(logits[-1], self.teacher(images), self.temperature)
        return BatchLosses({"loss": torch.lerp(learnt.losses["loss"], taught, self.share)}, learnt.count)

    def validate(self, model: nn.Module, batches: Any) -> dict[str, float]:
        return self.own.validate(model, batches)


def distance(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Return T² times the Kullback–Leibler divergence of the softmax at temperature T from the teacher's: a scalar, the
    mean over pictures. By T², its gradients keep their size when T is raised (Hinton et al., 2015, section 2)."""
    found, wanted = (functional.log_softmax(logits.float() / temperature, 1) for logits in (student, teacher))
    return temperature**2 * functional.kl_div(found, wanted, reduction="batchmean", log_target=True)


def teacher_of(config: RunConfig, look: InputFormat, previous: Mapping[str, Any] | None) -> Teacher | None:
    """Load the teacher that a config names; None: it names none.

    Args:
        previous: :attr:`Teacher.identity` of the attempt that is resumed; None for a new run.

    Raises:
        UserError: the teacher is missing, or its weights have changed since the run began.
    """
    if not config.teacher:
        return None
    run = check_teacher(Store.open(), config)
    roles = read_index(run.folder / "checkpoints")
    folder = run.folder / "checkpoints" / (previous or {}).get("checkpoint", roles.get("best") or roles["last"])
    identity = {"run": run.id, "name": run.name, "checkpoint": folder.name, "sha256": sha256_of(folder / WEIGHTS)}
    if previous is not None and previous["sha256"] != identity["sha256"]:
        raise UserError(f"teacher: {folder} has changed since this run began; put it back, or start a new run")
    model: nn.Module = TASKS[run.task].restored_model(run, look.device)
    load_weights(folder, model)
    return _teaching(run, model, look, data_facts(config.dataset, config.data_path).classes, identity)


def taught(objective: Objective, teacher: Teacher | None, config: RunConfig) -> Objective:
    """Return the objective with its teacher; without one, unchanged."""
    return objective if teacher is None else \
        Distillation(objective, teacher, config.teacher_weight, config.teacher_temperature)


def _teaching(run: Run, model: nn.Module, look: InputFormat, classes: tuple[str, ...],
              identity: Mapping[str, Any]) -> Teacher:
    known = run.resolved
    mean, std = (torch.tensor(values, dtype=torch.float64) for values in (look.mean, look.std))
    own_mean, own_std = (torch.tensor(known[name], dtype=torch.float64) for name in ("mean", "std"))
    device = next(model.parameters()).device
    scale, shift = (values.float().to(device)[:, None, None] for values in (std / own_std, (mean - own_mean) / own_std))
    order = torch.tensor([known["class_names"].index(name) for name in classes], device=device)
    return Teacher(model.eval(), scale, shift, known["image_size"], order, identity)
