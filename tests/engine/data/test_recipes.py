"""Whole recipes: layout, repeatability, mixing on top of them, and epochs of a fixed number of steps."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.catalog.augmentations import AUGMENTATIONS
from engine.data.batches import TrainBatches
from engine.data.mixing import Mixed, Mixing
from tests.engine.data.test_batches import MEAN, STD, WEAK, images


@pytest.mark.parametrize("name", AUGMENTATIONS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("channels_last", [True, False])
@pytest.mark.parametrize("mixing", [None, Mixing("both")])
def test_every_recipe_keeps_layout_and_is_repeatable(
    name: str, channels: int, channels_last: bool, mixing: Mixing | None,
) -> None:
    pictures = images(50, 28, channels)
    made = TrainBatches(
        pictures, np.arange(50) % 10, batch_size=16, augmentation=AUGMENTATIONS[name], size=32, mean=MEAN[:channels],
        std=STD[:channels], seed=0, device="cpu", channels_last=channels_last, flips=False, mixing=mixing,
        train_scale=(36, 44))
    everything = list(made.epoch(4))
    stride = (1024 * channels, 1, 32 * channels, channels) if channels_last else (1024 * channels, 1024, 32, 1)
    assert [len(labels) for _, labels in everything] == [16, 16, 16, 2]
    for (x, labels), (also_x, also) in zip(everything[2:], made.epoch(4, start_step=2), strict=True):
        assert x.stride() == stride and x.dtype == torch.float32 and torch.equal(x, also_x)
        for ours, theirs in zip(parts_of(labels), parts_of(also), strict=True):
            assert torch.equal(ours, theirs)


def parts_of(labels: Tensor | Mixed) -> tuple[Tensor, ...]:
    return (labels,) if isinstance(labels, Tensor) else (labels.first, labels.second, labels.share)


def test_mixed_batches_are_mixtures_of_the_plain_ones() -> None:
    pictures = images(40)

    def made(mixing: Mixing | None) -> TrainBatches:
        return TrainBatches(pictures, np.arange(40), batch_size=16, augmentation=WEAK, size=32, mean=MEAN, std=STD,
                            seed=0, device="cpu", channels_last=True, flips=True, mixing=mixing)

    for (plain, targets), (mixed, labels) in zip(made(None).epoch(0), made(Mixing("mixup")).epoch(0), strict=True):
        assert isinstance(targets, Tensor) and isinstance(labels, Mixed)
        share = labels.share[:, None, None, None]
        torch.testing.assert_close(mixed, share * plain + (1 - share) * plain.roll(1, 0), atol=1e-5, rtol=0)
        assert torch.equal(labels.first, targets) and torch.equal(labels.second, targets.roll(1))


@pytest.mark.parametrize("steps", [1, 3, 10])
def test_a_fixed_number_of_full_steps_goes_round(steps: int) -> None:
    made = TrainBatches(images(50, 8), np.arange(50), batch_size=16, augmentation=WEAK, size=8, mean=MEAN, std=STD,
                        seed=0, device="cpu", channels_last=True, flips=True, steps_per_epoch=steps)
    seen = torch.cat([labels for _, labels in made.epoch(1)])
    assert made.steps_per_epoch == steps and len(seen) == 16 * steps
    for first in range(0, len(seen), 50):
        one_pass = seen[first:first + 50]
        assert len(one_pass.unique()) == len(one_pass)
    if steps == 10:
        assert not torch.equal(seen[:50], seen[50:100])
        assert torch.equal(torch.cat([labels for _, labels in made.epoch(1, 7)]), seen[7 * 16:])


@pytest.mark.parametrize("name", ["strong", "randaugment"])
def test_a_few_pictures_at_a_time_give_the_same_bits(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def made() -> list[Tensor]:
        together = TrainBatches(images(50), np.arange(50), batch_size=16, augmentation=AUGMENTATIONS[name], size=32,
                                mean=MEAN, std=STD, seed=0, device="cpu", channels_last=True, flips=True)
        return [pictures for pictures, _ in together.epoch(0)]

    expected = made()
    monkeypatch.setattr("engine.data.augmenting.recipe._AT_ONCE", 3 * 32 * 32 * 5)
    assert all(map(torch.equal, made(), expected))
