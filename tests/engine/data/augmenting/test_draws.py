"""Which pictures an epoch shows, and in which order."""

from __future__ import annotations

import pytest
import torch

from engine.data.augmenting.draws import epoch_order, generator

TARGETS = torch.tensor([0] * 90 + [1] * 9 + [2])


def order(count: int = 100, *, balanced: bool = False, repeats: int = 1) -> torch.Tensor:
    return epoch_order(TARGETS, count, generator(3, 0), balanced=balanced, repeats=repeats)


def test_each_picture_comes_once_in_random_order() -> None:
    assert torch.equal(order().sort().values, torch.arange(100)) and not torch.equal(order(), torch.arange(100))


@pytest.mark.parametrize("count", [99, 100, 250])
def test_balanced_classes_come_equally_often_in_every_stretch(count: int) -> None:
    labels = TARGETS[order(count, balanced=True)]
    counts = labels.bincount()
    assert counts.sum() == count and counts.max() - counts.min() <= 1
    for start in range(0, count - 2, 3):
        assert labels[start:start + 3].unique().numel() == 3


def test_pictures_of_a_small_class_come_equally_often_and_of_a_large_one_at_most_once() -> None:
    counts = order(balanced=True).bincount(minlength=100)
    assert counts[:90].max() == 1 and counts[90:99].min() >= 3 and counts[99] in (33, 34)
    assert counts[90:99].max() - counts[90:99].min() <= 1


@pytest.mark.parametrize("balanced", [False, True])
def test_repeats_stand_in_a_row(balanced: bool) -> None:
    found = order(repeats=4, balanced=balanced)
    assert len(found) == 100
    assert torch.equal(found, found[::4].repeat_interleave(4))
    if not balanced:
        assert found.unique().numel() == 25


def test_an_absent_class_is_never_drawn() -> None:
    found = epoch_order(torch.tensor([0, 2, 2]), 9, generator(0, 0), balanced=True)
    assert torch.tensor([0, 2, 2])[found].bincount().tolist() in ([4, 0, 5], [5, 0, 4])
