"""The losses against torch's, timm's and their definitions, with label smoothing, mixed labels and weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from timm.loss import BinaryCrossEntropy
from torch import Tensor
from torch.nn import functional

from engine.catalog.losses import LOSSES
from engine.data.mixing import Mixed
from engine.training.losses import Criterion, Targets, class_weights, soft

CLASSES = 4


def batch(pictures: int = 32) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(0)
    return torch.randn(pictures, CLASSES, generator=random), torch.randint(CLASSES, (pictures,), generator=random)


def mixed(first: Tensor) -> Mixed:
    return Mixed(first, first.roll(1), torch.linspace(0, 1, len(first)))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_binary_cross_entropy_is_timms(smoothing: float) -> None:
    logits, targets = batch()
    ours = Criterion("bce", smoothing)
    torch.testing.assert_close(ours(logits, targets), BinaryCrossEntropy(smoothing)(logits, targets))
    labels = mixed(targets)
    torch.testing.assert_close(ours(logits, labels), BinaryCrossEntropy()(logits, labels.soft(CLASSES, smoothing)))


def test_the_focal_loss_is_its_definition_and_cross_entropy_at_gamma_0() -> None:
    logits, targets = batch()
    p = logits.softmax(1)[torch.arange(len(targets)), targets]
    torch.testing.assert_close(Criterion("focal", gamma=2.0)(logits, targets), (-(1 - p) ** 2 * p.log()).mean())
    for labels in (targets, mixed(targets)):
        torch.testing.assert_close(Criterion("focal", 0.1, gamma=0.0)(logits, labels),
                                   Criterion(label_smoothing=0.1)(logits, labels))


def test_the_focal_loss_of_two_classes_is_torchvisions_sigmoid_one() -> None:
    from torchvision.ops import sigmoid_focal_loss

    logits, targets = torch.randn(16, 2), torch.arange(16) % 2
    expected = sigmoid_focal_loss(logits[:, 1] - logits[:, 0], targets.float(), alpha=-1, gamma=2.0, reduction="mean")
    torch.testing.assert_close(Criterion("focal", gamma=2.0)(logits, targets), expected)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_a_picture_known_for_certain_has_a_finite_focal_gradient(gamma: float) -> None:
    logits = torch.tensor([[200.0, 0.0]], requires_grad=True)
    Criterion("focal", gamma=gamma)(logits, torch.tensor([0])).backward()
    assert logits.grad is not None and torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("with_pairs", [False, True])
def test_weights_multiply_the_loss_of_each_picture(kind: str, with_pairs: bool) -> None:
    logits, first = batch()
    weights = torch.tensor([0.5, 1.0, 2.0, 4.0])
    targets: Targets = mixed(first) if with_pairs else first
    of_picture = soft(targets, CLASSES, 0.0) @ weights
    alone = [Criterion(kind)(logits[[i]], targets[slice(i, i + 1)]) for i in range(len(first))]
    torch.testing.assert_close(Criterion(kind, class_weights=weights)(logits, targets),
                               (torch.stack(alone) * of_picture).mean())


def test_weighted_cross_entropy_has_torchs_gradients_but_for_its_scale() -> None:
    logits, targets = batch()
    weights = torch.tensor([0.5, 1.0, 2.0, 4.0])
    found, expected = (torch.autograd.grad(loss(logits.requires_grad_()), logits)[0] for loss in (
        lambda x: Criterion(class_weights=weights)(x, targets),
        lambda x: functional.cross_entropy(x, targets, weight=weights)))
    torch.testing.assert_close(found, expected * weights[targets].mean())


@pytest.mark.parametrize("kind", LOSSES)
def test_parts_of_a_batch_add_up_to_its_loss(kind: str) -> None:
    logits, targets = batch()
    loss = Criterion(kind, class_weights=torch.tensor([0.5, 1.0, 2.0, 4.0]))
    parts = [loss(logits[part], targets[part]) * (part.stop - part.start) / 32 for part in (slice(0, 5), slice(5, 32))]
    torch.testing.assert_close(sum(parts), loss(logits, targets))


def test_balanced_weights_are_scikit_learns() -> None:
    labels = np.repeat(np.arange(3), [90, 9, 1])
    weights = class_weights("balanced", [90, 9, 1])
    assert weights is not None
    np.testing.assert_allclose(weights.numpy(), compute_class_weight("balanced", classes=np.arange(3), y=labels))


@pytest.mark.parametrize("kind", ["balanced", "effective"])
def test_weights_are_1_on_average_and_an_absent_class_has_none(kind: str) -> None:
    counts = [5000, 50, 0]
    weights = class_weights(kind, counts)
    assert weights is not None and weights[2] == 0 and torch.isfinite(weights).all()
    assert float(weights @ torch.tensor(counts, dtype=torch.float32)) == pytest.approx(sum(counts))


def test_effective_weights_follow_their_formula() -> None:
    weights = class_weights("effective", [5000, 50])
    assert weights is not None
    assert float(weights[1] / weights[0]) == pytest.approx((1 - 0.999 ** 5000) / (1 - 0.999 ** 50), rel=1e-5)
    assert class_weights("none", [5000, 50]) is None
