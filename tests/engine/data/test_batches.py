"""Batches against what a plain per-sample loop makes of the same draws."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from engine.catalog.augmentations import AUGMENTATIONS, Augmentation
from engine.data import storage, windows
from engine.data.batches import EvalBatches, TrainBatches
from engine.data.resize import resize
from engine.data.storage import scaled_padding

MEAN, STD = (0.1, 0.4, 0.7), (0.2, 0.3, 0.5)
WEAK = AUGMENTATIONS["weak"]


def images(count: int = 50, side: int = 32, channels: int = 3) -> NDArray[np.uint8]:
    return np.random.RandomState(count).randint(0, 256, (count, side, side, channels), np.uint8)


def batches(pictures: NDArray[np.uint8], *, size: int = 32, batch_size: int = 16, seed: int = 0, flips: bool = True,
            augmentation: Augmentation = WEAK, channels_last: bool = True) -> TrainBatches:
    channels = pictures.shape[3]
    return TrainBatches(
        pictures, np.arange(len(pictures)), batch_size=batch_size, augmentation=augmentation, size=size, seed=seed,
        mean=MEAN[:channels], std=STD[:channels], device="cpu", channels_last=channels_last, flips=flips)


def all_of(made: TrainBatches, epoch: int = 0, start: int = 0) -> tuple[Tensor, Tensor]:
    pictures, targets = zip(*made.epoch(epoch, start), strict=True)
    return torch.cat(pictures), torch.cat(targets)


def one_by_one(made: TrainBatches, pictures: NDArray[np.uint8], size: int, padding: int) -> Tensor:
    """The epoch as a per-sample loop makes it: pad, crop, mirror, divide, subtract, divide."""
    draws = made.draws(0)
    done = []
    for index, top, left, flip in zip(draws.order, draws.tops, draws.lefts, draws.flips, strict=True):
        padded = np.pad(pictures[index], ((padding, padding), (padding, padding), (0, 0)))
        crop = padded[top:top + size, left:left + size]
        crop = crop[:, ::-1] if flip else crop
        channels = crop.shape[2]
        done.append(torch.from_numpy(((crop / 255 - MEAN[:channels]) / STD[:channels]).transpose(2, 0, 1).copy()))
    return torch.stack(done)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("channels_last", [True, False])
def test_weak_equals_the_per_sample_loop(
    monkeypatch: pytest.MonkeyPatch, channels: int, stored: bool, channels_last: bool,
) -> None:
    monkeypatch.setattr(storage, "MIRRORED_BUDGET", storage.MIRRORED_BUDGET if stored else 0)
    pictures = images(channels=channels)
    made = batches(pictures, channels_last=channels_last)
    found, targets = all_of(made)
    torch.testing.assert_close(found.double(), one_by_one(made, pictures, 32, 4), atol=1e-5, rtol=0)
    assert torch.equal(targets, made.draws(0).order)
    assert found.dtype == torch.float32 and targets.dtype == torch.int64


@pytest.mark.parametrize("channels", [1, 3])
def test_layouts(channels: int) -> None:
    last, _ = next(batches(images(channels=channels)).epoch(0))
    plain, _ = next(batches(images(channels=channels), channels_last=False).epoch(0))
    assert last.stride() == (1024 * channels, 1, 32 * channels, channels)
    assert plain.stride() == (1024 * channels, 1024, 32, 1)
    assert torch.equal(last, plain)


def test_stored_and_computed_mirrors_are_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    stored, _ = all_of(batches(images()))
    monkeypatch.setattr(storage, "MIRRORED_BUDGET", 0)
    assert torch.equal(all_of(batches(images()))[0], stored)


@pytest.mark.parametrize(("side", "size"), [(8, 32), (28, 32), (32, 20)])
def test_resized_before_cropping_whether_once_or_by_batch(
    monkeypatch: pytest.MonkeyPatch, side: int, size: int,
) -> None:
    pictures = images(side=side)
    once = batches(pictures, size=size)
    found, _ = all_of(once)
    fitted = resize(torch.from_numpy(pictures), size, size).numpy()
    expected = one_by_one(once, fitted, size, scaled_padding(WEAK, size))
    torch.testing.assert_close(found.double(), expected, atol=1e-5, rtol=0)
    monkeypatch.setattr(storage, "RESIZED_BUDGET", 0)
    by_batch = batches(pictures, size=size)
    assert isinstance(by_batch._windows, windows.PerBatchWindows)
    assert torch.equal(all_of(by_batch)[0], found)


@pytest.mark.parametrize(("side", "size"), [(8, 32), (64, 32)])
def test_resizing_agrees_with_pillow(side: int, size: int) -> None:
    pictures = images(4, side)
    ours = resize(torch.from_numpy(pictures), size, size).numpy().astype(int)
    for picture, fitted in zip(pictures, ours, strict=True):
        pillow = np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.BILINEAR)).astype(int)
        assert np.abs(pillow - fitted).max() <= 1


def test_default_is_the_pictures_as_they_are() -> None:
    pictures = images()
    made = batches(pictures, augmentation=AUGMENTATIONS["default"])
    found, order = all_of(made)
    expected = (pictures[order] / 255 - MEAN) / STD
    np.testing.assert_allclose(found.permute(0, 2, 3, 1), expected, atol=1e-5)


def test_pictures_that_must_not_be_mirrored_are_not() -> None:
    made = batches(images(2000, 8), size=8, flips=False)
    assert not made.draws(0).flips.any()
    assert made.draws(0).tops.unique().tolist() == [0, 1, 2]


@pytest.mark.parametrize(("size", "padding"), [(32, 4), (28, 4), (64, 8), (224, 28), (8, 1), (2, 1)])
def test_padding_scales(size: int, padding: int) -> None:
    assert scaled_padding(WEAK, size) == padding
    assert scaled_padding(AUGMENTATIONS["default"], size) == 0


def test_offsets_and_flips_are_uniform_and_independent() -> None:
    from scipy.stats import chisquare

    made = batches(images(20_000, 8, 1), size=32)
    draws = made.draws(0)
    cells = (draws.tops * 9 + draws.lefts) * 2 + draws.flips
    assert chisquare(torch.bincount(cells, minlength=162).numpy()).pvalue > 1e-3
    assert chisquare(torch.bincount((draws.order[:10_000] * 10) // 20_000, minlength=10).numpy()).pvalue > 1e-3


def test_every_picture_once_an_epoch_in_another_order() -> None:
    made = batches(images())
    first, second = all_of(made, 0), all_of(made, 1)
    for _, targets in (first, second):
        assert sorted(targets.tolist()) == list(range(50))
    assert not torch.equal(first[1], second[1])
    assert not torch.equal(made.draws(0).tops, made.draws(1).tops)


def test_seed_and_epoch_decide_everything() -> None:
    pictures = images()
    again = all_of(batches(pictures, seed=7), 3)
    assert all(map(torch.equal, all_of(batches(pictures, seed=7), 3), again))
    assert not torch.equal(all_of(batches(pictures, seed=8), 3)[1], again[1])


def test_large_seeds_differ_too() -> None:
    pictures = images()
    orders = {tuple(batches(pictures, seed=seed).draws(epoch).order.tolist())
              for seed in (0, 1, 2**31 - 1) for epoch in (0, 1, 99_999)}
    assert len(orders) == 9


@pytest.mark.parametrize("start", [0, 1, 2, 3, 4])
def test_starting_later_equals_skipping(start: int) -> None:
    made = batches(images())
    everything = list(made.epoch(2))
    rest = list(made.epoch(2, start))
    assert len(rest) == len(everything) - start
    for (x, y), (also_x, also_y) in zip(rest, everything[start:], strict=True):
        assert torch.equal(x, also_x) and torch.equal(y, also_y)


@pytest.mark.parametrize(("count", "batch", "sizes"), [
    (50, 16, [16, 16, 16, 2]), (49, 16, [16, 16, 16]), (48, 16, [16, 16, 16]), (5, 16, [5]), (1, 16, [1]),
    (3, 1, [1, 1, 1])])
def test_last_batch_is_kept_unless_it_is_a_single_picture(count: int, batch: int, sizes: list[int]) -> None:
    made = batches(images(count), batch_size=batch)
    assert [len(y) for _, y in made.epoch(0)] == sizes
    assert made.steps_per_epoch == len(sizes)


def test_batches_do_not_share_memory() -> None:
    made = batches(images())
    kept = list(made.epoch(0))
    copies = [x.clone() for x, _ in kept]
    list(made.epoch(1))
    assert all(torch.equal(x, copy) for (x, _), copy in zip(kept, copies, strict=True))


def test_read_only_pictures_are_left_alone() -> None:
    pictures = images()
    pictures.setflags(write=False)
    assert torch.isfinite(all_of(batches(pictures, augmentation=AUGMENTATIONS["default"]))[0]).all()


@pytest.mark.parametrize(("side", "size"), [(32, 32), (8, 32), (64, 32)])
@pytest.mark.parametrize("by_batch", [False, True])
def test_evaluation_is_in_order_and_whole(
    monkeypatch: pytest.MonkeyPatch, side: int, size: int, by_batch: bool,
) -> None:
    monkeypatch.setattr("engine.data.storage.RESIZED_BUDGET", 0 if by_batch else 1 << 30)
    pictures = images(33, side)
    made = EvalBatches(pictures, np.arange(33), batch_size=16, size=size, mean=MEAN, std=STD, device="cpu",
                       channels_last=False)
    for _ in range(2):
        found, targets = (torch.cat(parts) for parts in zip(*made, strict=True))
        expected = (resize(torch.from_numpy(pictures), size, size).numpy() / 255 - MEAN) / STD
        np.testing.assert_allclose(found.permute(0, 2, 3, 1), expected, atol=1e-5)
        assert targets.tolist() == list(range(33)) and len(made) == 3 and found.is_contiguous()


@pytest.mark.parametrize("channels_last", [True, False])
def test_pictures_grow_epoch_by_epoch_and_keep_their_layout(channels_last: bool) -> None:
    def made(sides: tuple[int, ...]) -> TrainBatches:
        return TrainBatches(images(20), np.arange(20), batch_size=8, augmentation=AUGMENTATIONS["weak"], size=32,
                            mean=MEAN, std=STD, seed=0, device="cpu", channels_last=channels_last, flips=True,
                            sides=sides)

    layout = torch.channels_last if channels_last else torch.contiguous_format
    for epoch, side in ((1, 16), (2, 24), (3, 32), (9, 32)):
        for (whole, _), (small, _) in zip(made(()).epoch(epoch), made((16, 24, 32)).epoch(epoch), strict=True):
            assert small.shape[2:] == (side, side) and small.is_contiguous(memory_format=layout)
            expected = functional.interpolate(whole, (side, side), mode="bilinear", antialias=True)
            torch.testing.assert_close(small, expected, rtol=0, atol=1e-6)
