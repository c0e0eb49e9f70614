"""Training for pictures with any number of classes: a binary loss for each class, and mean average precision."""

import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.catalog.losses import LOSSES
from engine.catalog.metrics import VALIDATED
from engine.config import RunConfig
from engine.data.batches import EvalBatches, TrainBatches
from engine.data.mixing import Mixed
from engine.labels.metrics import class_average_precisions, mean_of_defined
from engine.labels.ranking import average_precision
from engine.training.fitting import Forward
from engine.training.losses import BETA, Targets
from engine.training.objective import Batches, BatchLosses, Meter


@dataclass(frozen=True)
class LabelCriterion:
    """The mean loss of a batch over pictures and classes.

    Attributes:
        kind: a key of ``LOSSES``.
        label_smoothing: share of each yes and no that is spread evenly over both.
        gamma: exponent of the focal loss.
        positive_weights: float32 [K] on the logits' device, the factor on the loss of a class that a picture has; None:
        1.
    """

    kind: str = "bce"
    label_smoothing: float = 0.0
    gamma: float = 2.0
    positive_weights: Tensor | None = None

    def __call__(self, logits: Tensor, targets: Targets) -> Tensor:
        """Return a scalar for logits float [B, K] and targets int64 [B, K], or mixed ones."""
        losses = cast(Tensor, pkgutil.resolve_name(LOSSES[self.kind].labels)(
            logits.float(), soft(targets, self.label_smoothing), self))
        return losses.mean()


def binary_cross_entropy(logits: Tensor, labels: Tensor, criterion: LabelCriterion) -> Tensor:
    """Return the loss of each picture and class, as torch's with ``pos_weight``: [B, K]."""
    return functional.binary_cross_entropy_with_logits(logits, labels, pos_weight=criterion.positive_weights,
                                                       reduction="none")


def focal(logits: Tensor, labels: Tensor, criterion: LabelCriterion) -> Tensor:
    """Return the focal loss of each picture and class over the sigmoid (Lin et al., 2017): [B, K]."""
    yes, no = functional.logsigmoid(logits), functional.logsigmoid(-logits)
    has = labels * torch.exp(criterion.gamma * no) * yes
    if criterion.positive_weights is not None:
        has = has * criterion.positive_weights
    return -(has + (1 - labels) * torch.exp(criterion.gamma * yes) * no)


def soft(targets: Targets, smoothing: float = 0.0) -> Tensor:
    """Return the probability of each class: float32 [B, K]."""
    labels = torch.lerp(targets.second.float(), targets.first.float(), targets.share[:, None]) \
        if isinstance(targets, Mixed) else targets.float()
    return (1 - smoothing) * labels + smoothing / 2


def positive_weights(kind: str, counts: Sequence[int], pictures: int) -> Tensor | None:
    """Return how much more a picture that has a class counts than one that has not: float32 [K]; None: no weights.

    Args:
        kind: a key of ``CLASS_WEIGHTS``.
        counts: training pictures that have each class.
    """
    if kind == "none":
        return None
    having = np.asarray(counts, np.float64)
    yes, no = (each if kind == "balanced" else 1 - BETA ** each for each in (having, pictures - having))
    return torch.tensor(np.divide(no, yes, out=np.ones_like(yes), where=(yes > 0) & (no > 0)), dtype=torch.float32)


@dataclass(frozen=True)
class MultiLabel:
    """A binary loss for each class. Validation has the same kind of loss, without label smoothing and weights."""

    criterion: LabelCriterion = field(default_factory=LabelCriterion)

    def learn(self, forward: Forward, images: Tensor, targets: Targets) -> BatchLosses:
        """Return the loss of a batch of float32 [B, C, H, W]."""
        loss = self.criterion(forward(images), targets)
        return BatchLosses({"loss": loss}, lambda meter: _count(meter, loss, len(targets)))

    def validate(self, model: nn.Module, batches: EvalBatches) -> dict[str, float]:
        """Return the mean loss, and the average precisions that are defined; that of classes is 0 without any."""
        meter, plain = Meter(), replace(self.criterion, label_smoothing=0.0, positive_weights=None)
        truth, scores = [], []
        for images, targets in batches:
            logits = model(images)
            _count(meter, plain(logits, targets), len(targets))
            truth.append(targets.cpu())
            scores.append(logits.float().cpu())
        return meter.means() | _average_precisions(torch.cat(truth), torch.cat(scores))


def _count(meter: Meter, loss: Tensor, pictures: int) -> None:
    meter.add(pictures, loss=loss.detach() * pictures)


def _average_precisions(truth: Tensor, scores: Tensor) -> dict[str, float]:
    targets, logits = truth.numpy(), scores.nan_to_num().numpy()
    found = mean_of_defined(class_average_precisions(targets, logits)), \
        average_precision(targets.ravel() > 0, logits.ravel())
    return {name: 0.0 if value != value else value for name, value in zip(VALIDATED, found, strict=True)}


def objective(config: RunConfig, batches: Batches[TrainBatches]) -> MultiLabel:
    weights = positive_weights(config.class_weights, batches.resolved["class_counts"],
                               batches.resolved["train_pictures"])
    if weights is not None:
        weights = weights.to(batches.train.device)
    return MultiLabel(LabelCriterion(config.loss_function, config.label_smoothing, config.focal_gamma, weights))


def epoch_scores(metrics: dict[str, float]) -> tuple[str, str]:
    """Return the validation mAP of an epoch for a line of the log; for training there is only the loss."""
    found = " and micro ".join(f"{100 * metrics[f'val_{name}']:.2f} %" for name in VALIDATED)
    return "", f"mAP {found}"
