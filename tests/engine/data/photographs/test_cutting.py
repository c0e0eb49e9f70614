"""Batches cut from photographs against torchvision, one picture at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torchvision.transforms.v2 import CenterCrop, InterpolationMode, Resize, functional

from engine.catalog.augmentations import AUGMENTATIONS
from engine.data import streaming
from engine.data.augmenting.crops import RandomCrop
from engine.data.batches import EvalBatches, TrainBatches
from engine.data.photographs.files import PhotographFiles
from engine.data.photographs.source import Photographs
from tests.engine.data.photographs.jpegs import jpeg_folder, listed_files
from tests.engine.data.test_batches import all_of, images

PLAIN = {"mean": (0.0,) * 3, "std": (1 / 255,) * 3, "device": "cpu", "channels_last": True}
"""Batches hold the levels themselves."""


@pytest.fixture
def photographs(tmp_path: Path) -> PhotographFiles:
    return PhotographFiles(listed_files(jpeg_folder(tmp_path)), 48, "bilinear")


def made(photographs: Photographs, interpolation: str = "bilinear") -> TrainBatches:
    return TrainBatches(photographs, np.arange(len(photographs)), batch_size=6, augmentation=AUGMENTATIONS["imagenet"],
                        size=24, seed=7, flips=True, crop=RandomCrop(interpolation=interpolation), **PLAIN)


def planes(photographs: Photographs, place: int) -> Tensor:
    return torch.from_numpy(photographs.picture(place).copy()).permute(2, 0, 1)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_crops_are_those_of_torchvision(photographs: PhotographFiles, interpolation: str) -> None:
    batches = made(photographs, interpolation)
    pictures, places = all_of(batches)
    draws = batches.draws(0)
    assert draws.boxes is not None and draws.flips.any() and not draws.flips.all()
    for picture, place, box, flip in zip(pictures, places.tolist(), draws.boxes.tolist(), draws.flips, strict=True):
        expected = functional.resized_crop(planes(photographs, place), *box, [24, 24],
                                           InterpolationMode(interpolation), antialias=True)
        assert torch.equal(picture.round().byte(), functional.horizontal_flip(expected) if flip else expected)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_tests_resize_and_crop_the_centre_as_torchvision(photographs: PhotographFiles, interpolation: str) -> None:
    batches = EvalBatches(photographs, np.arange(len(photographs)), batch_size=5, size=24, scale=27,
                          interpolation=interpolation, **PLAIN)
    found = torch.cat([pictures for pictures, _ in batches]).round().byte()
    for place, picture in enumerate(found):
        resized = Resize(27, InterpolationMode(interpolation), antialias=True)(planes(photographs, place))
        assert torch.equal(picture, CenterCrop(24)(resized))


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_any_number_of_threads_makes_the_same_batches(
    photographs: PhotographFiles, monkeypatch: pytest.MonkeyPatch, threads: int,
) -> None:
    expected = all_of(made(photographs))
    monkeypatch.setattr(streaming, "THREADS", threads)
    monkeypatch.setattr(streaming, "AT_ONCE", threads)
    assert all(map(torch.equal, all_of(made(photographs)), expected))


def test_reading_leaves_the_threads_of_training_as_they_are(photographs: PhotographFiles) -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        all_of(made(photographs))
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_an_epoch_is_resumed_exactly(photographs: PhotographFiles) -> None:
    whole, rest = all_of(made(photographs)), all_of(made(photographs), start=2)
    assert torch.equal(whole[0][12:], rest[0]) and torch.equal(whole[1][12:], rest[1])


def test_pictures_in_memory_are_cropped_as_well() -> None:
    batches = TrainBatches(images(20), np.arange(20), batch_size=8, augmentation=AUGMENTATIONS["imagenet"], size=16,
                           seed=7, flips=False, **PLAIN)
    pictures, places = all_of(batches)
    boxes = batches.draws(0).boxes
    assert boxes is not None
    for picture, place, box in zip(pictures, places.tolist(), boxes.tolist(), strict=True):
        whole = torch.from_numpy(images(20)[place]).permute(2, 0, 1)
        expected = functional.resized_crop(whole, *box, [16, 16], antialias=True)
        assert torch.equal(picture.round().byte(), expected)
