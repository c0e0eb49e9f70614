"""Pictures read ahead in the background: in order, only what is needed, and cleaned up."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from engine.catalog.augmentations import AUGMENTATIONS, Augmentation
from engine.data import streaming
from engine.data.batches import EvalBatches, TrainBatches
from engine.data.dataset import Pictures
from engine.data.mixing import Mixing
from engine.data.photographs.source import ArrayPhotographs
from engine.data.streaming import read_ahead, subset
from engine.data.windows import ResidentWindows
from tests.engine.data.test_batches import MEAN, STD, all_of, images
from tests.waiting import until


class Noted(ArrayPhotographs):
    """A lazy set that notes which pictures were read, and can be told to fail at one."""

    def __init__(self, pictures: Pictures, broken: int = -1) -> None:
        super().__init__(pictures)
        self._broken = broken
        self.read: list[int] = []

    def picture(self, place: int) -> Pictures:
        if self._broken == place:
            raise OSError("broken.png")
        self.read.append(place)
        return super().picture(place)


def train(pictures: Pictures | Noted, augmentation: Augmentation, mixing: Mixing | None = None) -> TrainBatches:
    return TrainBatches(
        pictures, np.arange(len(pictures)) % 10, batch_size=8, augmentation=augmentation, size=32, seed=3, mean=MEAN,
        std=STD, device="cpu", channels_last=True, flips=True, mixing=mixing, train_scale=(36, 44))


def pool_threads() -> int:
    return sum(thread.name.startswith("pictures") for thread in threading.enumerate())


@pytest.mark.parametrize("name", AUGMENTATIONS)
@pytest.mark.parametrize("side", [32, 48])
def test_the_same_bits_as_from_memory(name: str, side: int) -> None:
    pictures = images(50, side)
    resident, lazy = (train(held, AUGMENTATIONS[name]) for held in (pictures, Noted(pictures)))
    assert all(map(torch.equal, all_of(lazy), all_of(resident)))


def test_evaluation_is_the_same_too() -> None:
    pictures = images(50, 48)
    made = [EvalBatches(held, np.arange(50), batch_size=16, size=32, mean=MEAN, std=STD, device="cpu",
                        channels_last=True, scale=40, flip=True) for held in (pictures, Noted(pictures))]
    for (x, y), (also_x, also_y) in zip(*made, strict=True):
        assert torch.equal(x, also_x) and torch.equal(y, also_y)


def test_chosen_pictures_are_not_read_before_they_are_needed() -> None:
    noted = Noted(images(50))
    some = subset(noted, np.array([40, 2, 7]))
    assert some.shape == (3, 32, 32, 3) and len(some) == 3 and noted.read == []
    assert np.array_equal(some[np.array([2, 0])], images(50)[[7, 40]])
    assert np.array_equal(subset(images(50), np.array([5])), images(50)[[5]])


def test_resuming_reads_nothing_that_was_seen() -> None:
    noted = Noted(images(48))
    made = train(noted, AUGMENTATIONS["weak"])
    list(made.epoch(1, start_step=4))
    assert sorted(noted.read) == sorted(made.draws(1).order[32:].tolist())


def test_reads_only_a_little_ahead_and_stops_when_dropped() -> None:
    noted = Noted(images(400))
    batches = train(noted, AUGMENTATIONS["default"]).epoch(0)
    next(batches)
    assert pool_threads() > 0
    del batches
    until(lambda: pool_threads() == 0)
    assert len(noted.read) <= 8 * (streaming.AHEAD + 2)


def test_what_cannot_be_read_is_raised_at_its_turn() -> None:
    noted = Noted(images(400))
    made = train(noted, AUGMENTATIONS["default"])
    noted._broken = int(made.draws(0).order[8 * 3])
    batches = made.epoch(0)
    assert [len(next(batches)[1]) for _ in range(3)] == [8, 8, 8]
    with pytest.raises(OSError, match=r"broken\.png"):
        next(batches)
    until(lambda: pool_threads() == 0)


def test_several_are_read_at_once() -> None:
    meeting = threading.Barrier(2, timeout=30)

    def read(item: int) -> int:
        meeting.wait()
        return item * item

    assert list(read_ahead(read, range(6))) == [0, 1, 4, 9, 16, 25]


def test_sets_in_memory_are_resident() -> None:
    assert isinstance(train(images(50, 48), AUGMENTATIONS["weak"])._windows, ResidentWindows)
