"""The losses of classifiers, with label smoothing, mixed labels and weights of classes."""

import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.catalog.losses import LOSSES
from engine.data.mixing import Mixed

Targets = Tensor | Mixed
"""int64 [B], or the labels of mixed pictures."""

BETA = 0.999
"""Of the effective number of pictures of a class."""
_LEAST = 1e-8
"""Of 1 − p in the focal loss, whose power has no slope at 0."""


@dataclass(frozen=True)
class Criterion:
    """The mean loss of a batch.

    Attributes:
        kind: a key of ``LOSSES``.
        label_smoothing: share of each label spread evenly over all classes.
        gamma: exponent of the focal loss.
        class_weights: float32 [C] on the logits' device, the factor on the loss of a picture of each class; a mixed
            picture has the mean of its two, by their shares. None: 1.
    """

    kind: str = "cross-entropy"
    label_smoothing: float = 0.0
    gamma: float = 2.0
    class_weights: Tensor | None = None

    def __call__(self, logits: Tensor, targets: Targets) -> Tensor:
        """Return the mean loss over a batch: a scalar.

        Args:
            logits: float [B, C].
        """
        if self.kind == "cross-entropy" and self.class_weights is None and isinstance(targets, Tensor):
            return functional.cross_entropy(logits, targets, label_smoothing=self.label_smoothing)
        losses = cast(Tensor, pkgutil.resolve_name(LOSSES[self.kind].compute)(logits, targets, self))
        if self.class_weights is None:
            return losses.mean()
        weights = self.class_weights
        if isinstance(targets, Tensor):
            return (losses * weights[targets]).mean()
        return (losses * torch.lerp(weights[targets.second], weights[targets.first], targets.share)).mean()


def cross_entropy(logits: Tensor, targets: Targets, criterion: Criterion) -> Tensor:
    """Return the cross-entropy of each picture: [B]."""
    if isinstance(targets, Tensor):
        return functional.cross_entropy(logits, targets, label_smoothing=criterion.label_smoothing, reduction="none")
    first, second = (functional.cross_entropy(logits, labels, label_smoothing=criterion.label_smoothing,
                                              reduction="none") for labels in (targets.first, targets.second))
    return torch.lerp(second, first, targets.share.to(first.dtype))


def binary_cross_entropy(logits: Tensor, targets: Targets, criterion: Criterion) -> Tensor:
    """Return each picture's binary cross-entropy, the mean over classes as in timm's ``BinaryCrossEntropy``: [B]."""
    labels = soft(targets, logits.shape[1], criterion.label_smoothing)
    return functional.binary_cross_entropy_with_logits(logits.float(), labels, reduction="none").mean(1)


def focal(logits: Tensor, targets: Targets, criterion: Criterion) -> Tensor:
    """Return each picture's focal loss over the softmax, −Σ y (1 − p)^γ log p: [B]."""
    logs = functional.log_softmax(logits.float(), 1)
    rest = logs.expm1().neg().clamp_min(_LEAST)
    return -(soft(targets, logits.shape[1], criterion.label_smoothing) * rest.pow(criterion.gamma) * logs).sum(1)


def soft(targets: Targets, classes: int, smoothing: float) -> Tensor:
    """Return labels as probabilities: float32 [B, classes]."""
    if isinstance(targets, Mixed):
        return targets.soft(classes, smoothing)
    return (1 - smoothing) * functional.one_hot(targets, classes).float() + smoothing / classes


def class_weights(kind: str, counts: Sequence[int]) -> Tensor | None:
    """Return the weight of each class, float32 [C], with mean 1 over the training pictures; None: no weights.

    Args:
        kind: a key of ``CLASS_WEIGHTS``.
        counts: training pictures of each class; a class without any gets 0.
    """
    if kind == "none":
        return None
    pictures = np.asarray(counts, np.float64)
    size = pictures if kind == "balanced" else 1 - BETA ** pictures
    weights = np.divide(1, size, out=np.zeros_like(size), where=size > 0)
    return torch.tensor(weights * pictures.sum() / (weights * pictures).sum(), dtype=torch.float32)
