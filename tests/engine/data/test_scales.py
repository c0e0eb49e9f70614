"""Crops of scaled pictures, in training and in test, against torchvision's on each picture alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torchvision.transforms.v2 import functional

from engine.catalog.augmentations import Augmentation, OperationRow
from engine.data import storage, windows
from engine.data.augmenting.jitter import Jitter
from engine.data.batches import EvalBatches, TrainBatches
from engine.errors import ConfigError
from tests.engine.data.test_batches import MEAN, STD, all_of, images


def scaled(pictures: NDArray[np.uint8], scale: tuple[int, int], *, jitter: float = 0.0, size: int = 32) -> TrainBatches:
    operations = (OperationRow("engine.data.augmenting.jitter:Jitter", {"spread": jitter}),) if jitter else ()
    augmentation = Augmentation("", scaled=True, operations=operations)
    channels = pictures.shape[3]
    return TrainBatches(
        pictures, np.arange(len(pictures)), batch_size=16, augmentation=augmentation, size=size, seed=0,
        mean=MEAN[:channels], std=STD[:channels], device="cpu", channels_last=True, flips=True, train_scale=scale)


@pytest.mark.parametrize(("height", "width", "channels"), [
    (32, 32, 3), (28, 28, 1), (64, 64, 3), (40, 30, 3), (30, 41, 1), (40, 40, 3)])
@pytest.mark.parametrize("scale", [(36, 36), (36, 44)])
def test_scaled_crops_equal_torchvision_picture_by_picture(
    height: int, width: int, channels: int, scale: tuple[int, int],
) -> None:
    pictures = np.random.RandomState(1).randint(0, 256, (60, height, width, channels), np.uint8)
    made = scaled(pictures, scale)
    found, _ = all_of(made)
    draws = made.draws(0)
    assert draws.scales is not None and draws.scales.min() == scale[0] and draws.scales.max() == scale[1]
    for picture, index, side, top, left in zip(
            found, draws.order, draws.scales.tolist(), draws.tops.tolist(), draws.lefts.tolist(), strict=True):
        alone = torch.from_numpy(pictures[index]).permute(2, 0, 1)
        crop = functional.crop(functional.resize(alone, [side], antialias=True), top, left, 32, 32)
        expected = functional.normalize(crop / 255, list(MEAN[:channels]), list(STD[:channels]))
        torch.testing.assert_close(picture, expected, atol=1e-5, rtol=0)


def test_fixed_and_drawn_scales_are_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = images(40)
    resident, _ = all_of(scaled(pictures, (36, 36)))
    monkeypatch.setattr(storage, "RESIZED_BUDGET", 0)
    by_batch = scaled(pictures, (36, 36))
    assert isinstance(by_batch._windows, windows.PerBatchWindows)
    assert torch.equal(all_of(by_batch)[0], resident)


def test_scaled_crops_start_anywhere_and_everywhere() -> None:
    draws = scaled(images(5000, 8), (36, 38)).draws(0)
    assert draws.scales is not None
    for side in (36, 37, 38):
        tops, lefts = draws.tops[draws.scales == side], draws.lefts[draws.scales == side]
        cells = torch.bincount(tops * (side - 31) + lefts)
        assert len(cells) == (side - 31) ** 2 and cells.min() > 0.5 * cells.float().mean()


def test_a_scale_below_the_size_is_refused() -> None:
    with pytest.raises(ConfigError, match="train_scale: '30-36' is not at least 32"):
        scaled(images(), (30, 36))


def test_jitter_comes_after_the_crop() -> None:
    plain, jittery = scaled(images(), (36, 40)), scaled(images(), (36, 40), jitter=0.4)
    (jitter,) = jittery.draws(0).drawn
    before = all_of(plain)[0] * torch.tensor(STD)[:, None, None] + torch.tensor(MEAN)[:, None, None]
    expected = Jitter(0.4).apply(before.mul(255).round().byte(), jitter)
    found = (all_of(jittery)[0] * torch.tensor(STD)[:, None, None] + torch.tensor(MEAN)[:, None, None]) * 255
    torch.testing.assert_close(found, expected.float(), atol=1e-2, rtol=0)


@pytest.mark.parametrize(("side", "scale", "size"), [
    (32, 36, 32), (32, 45, 32), (32, 20, 32), (64, 40, 32), (8, 8, 11)])
@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("by_batch", [False, True])
def test_views_equal_torchvision_picture_by_picture(
    monkeypatch: pytest.MonkeyPatch, side: int, scale: int, size: int, flip: bool, by_batch: bool,
) -> None:
    monkeypatch.setattr("engine.data.storage.RESIZED_BUDGET", 0 if by_batch else 1 << 30)
    pictures = np.random.RandomState(2).randint(0, 256, (9, side, side + 3, 3), np.uint8)
    made = EvalBatches(pictures, np.arange(9), batch_size=4, size=size, mean=MEAN, std=STD, device="cpu",
                       channels_last=True, scale=scale, flip=flip)
    found = torch.cat([x for x, _ in made])
    for picture, view in zip(pictures, found, strict=True):
        alone = functional.resize(torch.from_numpy(picture).permute(2, 0, 1), [scale], antialias=True)
        alone = functional.center_crop(alone, [size])
        alone = functional.horizontal_flip(alone) if flip else alone
        expected = functional.normalize(alone / 255, list(MEAN), list(STD))
        torch.testing.assert_close(view, expected, atol=1e-5, rtol=0)
