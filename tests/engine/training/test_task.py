"""Loss and accuracy of plain and of mixed pictures."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from engine.data.mixing import Mixed
from engine.training.classification import Classification, count
from engine.training.losses import Criterion
from engine.training.objective import Meter
from engine.training.observers import epoch_line
from engine.training.progress import Progress

CLASSES = 7


def batch(count: int = 24) -> tuple[Tensor, Tensor, Mixed]:
    random = torch.Generator().manual_seed(0)
    first, second = torch.randint(CLASSES, (2, count), generator=random)
    logits, shares = torch.randn(count, CLASSES, generator=random), torch.rand(count, generator=random)
    return logits, first, Mixed(first, second, shares)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_mixed_loss_is_the_one_of_soft_labels(smoothing: float) -> None:
    logits, _, mixed = batch()
    task = Classification(Criterion(label_smoothing=smoothing))
    for loss, soft in ((task.criterion, mixed.soft(CLASSES, smoothing)), (task.plain, mixed.soft(CLASSES))):
        torch.testing.assert_close(loss(logits, mixed), functional.cross_entropy(logits, soft))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_plain_loss_is_torch_s(smoothing: float) -> None:
    logits, targets, _ = batch()
    task = Classification(Criterion(label_smoothing=smoothing))
    expected = functional.cross_entropy(logits, targets, label_smoothing=smoothing)
    assert torch.equal(task.criterion(logits, targets), expected)
    assert torch.equal(task.plain(logits, targets), functional.cross_entropy(logits, targets))


def test_gradients_of_the_mixed_loss_are_those_of_soft_labels() -> None:
    logits, _, mixed = batch()
    ours, theirs = logits.clone().requires_grad_(), logits.clone().requires_grad_()
    Criterion()(ours, mixed).backward()
    functional.cross_entropy(theirs, mixed.soft(CLASSES)).backward()
    assert ours.grad is not None and theirs.grad is not None
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_what_is_counted_has_a_name_of_its_own_when_mixed() -> None:
    logits, targets, mixed = batch()
    plain, meter = Meter(), Meter()
    count(plain, torch.tensor(2.0), logits, targets)
    count(meter, torch.tensor(3.0), logits, mixed)
    assert plain.means() == {"loss": 2.0, "accuracy": pytest.approx((logits.argmax(1) == targets).float().mean())}
    expected = mixed.soft(CLASSES).gather(1, logits.argmax(1, keepdim=True)).mean()
    assert meter.means() == {"loss": 3.0, "mixed_accuracy": pytest.approx(float(expected))}


def test_whole_shares_count_as_plain_pictures() -> None:
    logits, targets, mixed = batch()
    meter = Meter()
    count(meter, torch.tensor(0.0), logits, Mixed(targets, mixed.second, torch.ones(len(targets))))
    assert meter.means()["mixed_accuracy"] == pytest.approx(float((logits.argmax(1) == targets).float().mean()))


def test_an_epoch_s_line_says_which_accuracy_it_tells() -> None:
    metrics = {"train_loss": 1.5, "val_loss": 1.25, "val_accuracy": 0.5, "images_per_second": 1234.0}
    assert epoch_line("classification", Progress(epoch=3), metrics | {"train_accuracy": 0.4}) == (
        "epoch   3  train 1.5        40.00 %  val 1.25       50.00 %  1,234 images/s")
    mixed = epoch_line("classification", Progress(epoch=3), metrics | {"train_mixed_accuracy": 0.4})
    assert "40.00 % (mixed)  val" in mixed
