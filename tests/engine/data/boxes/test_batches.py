"""Boxes follow what happens to their picture, and batches are the same whatever was skipped or drawn before."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.boxes.arrays import concat_annotations
from engine.data.boxes.batches import (
    RECIPES,
    Augment,
    BoxedBatch,
    BoxedEvalBatches,
    BoxedPictures,
    BoxedTrainBatches,
    BoxInputFormat,
    scale_to,
)
from engine.data.boxes.dataset import AnnotatedSplit, DetectionDataset, RawAnnotations

LOOK = BoxInputFormat(96, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), torch.device("cpu"))
SIZES = [(60, 80), (96, 48), (64, 64), (192, 128), (50, 40)]


class Marked:
    """Black pictures with a white rectangle, which is the box."""

    def picture(self, place: int, longest: int) -> np.ndarray:
        height, width = SIZES[place]
        image = np.zeros((height, width, 3), np.uint8)
        if place != 2:
            image[height // 4:height // 2, width // 4:width // 2] = 255
        scale = max(1, round(max(height, width) / longest)) if longest else 1
        return image[::scale, ::scale]


def dataset() -> DetectionDataset:
    boxes = [np.array([[width // 4, height // 4, width // 2, height // 2]][:place != 2], np.float32).reshape(-1, 4)
             for place, (height, width) in enumerate(SIZES)]
    truth = concat_annotations((each, np.full(len(each), place % 2), np.zeros(len(each), np.bool_))
                               for place, each in enumerate(boxes))
    names = tuple(f"{place}.png" for place in range(len(SIZES)))
    sizes = np.array(SIZES, np.int64)
    written = RawAnnotations(truth, names, np.zeros(len(truth), np.int64), sizes, np.zeros((len(SIZES), 16), np.uint8))
    split = AnnotatedSplit(names, sizes, written, Marked())
    return DetectionDataset(name="marked", classes=("a", "b"), fingerprint="0", mean=LOOK.mean, std=LOOK.std, notes=(),
                            skipped=(), train=split, test=split)


def train(augmentation: str = "default", *, flips: bool = True, **options: int) -> BoxedTrainBatches:
    pictures = BoxedPictures(dataset(), "train", np.arange(len(SIZES)), LOOK.size)
    return BoxedTrainBatches(pictures, LOOK, batch_size=2, augmentation=augmentation, seed=3, flips=flips, **options)


def white(image: Tensor) -> list[float]:
    """The extent of what is white: x1, y1, x2, y2."""
    rows, columns = ((image.mean(0) > 0.5).any(axis).nonzero().flatten() for axis in (1, 0))
    return [float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)]


def flat(batches: list[BoxedBatch]) -> list[Tensor]:
    return [tensor for images, targets in batches
            for image, target in zip(images, targets, strict=True) for tensor in (image, *target.values())]


@pytest.mark.parametrize("augmentation", ["default", "weak"])
def test_each_box_lies_around_what_it_lay_around(augmentation: str) -> None:
    seen = 0
    for images, targets in train(augmentation).epoch(0):
        for image, target in zip(images, targets, strict=True):
            assert max(image.shape) == LOOK.size
            for box in target["boxes"].tolist():
                seen += 1
                assert box == pytest.approx(white(image), abs=1.6)
    assert seen == 4


def test_half_of_the_pictures_are_mirrored_if_they_may_be() -> None:
    def lefts(batches: BoxedTrainBatches) -> set[float]:
        return {round(float(target["boxes"][0, 0] / image.shape[2]), 1) for epoch in range(4)
                for images, targets in batches.epoch(epoch)
                for image, target in zip(images, targets, strict=True) if len(target["boxes"])}

    assert {0.2, 0.5} <= lefts(train("weak"))
    assert 0.5 not in lefts(train("weak", flips=False))


@pytest.mark.parametrize("augmentation", RECIPES)
def test_skipping_changes_nothing_that_follows_and_nothing_else_is_drawn(augmentation: str) -> None:
    batches = train(augmentation)
    before = torch.get_rng_state()
    whole = list(batches.epoch(1))
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(7)
    rest = list(train(augmentation).epoch(1, 1))
    assert len(whole) == batches.steps_per_epoch == 2 and len(rest) == 1
    assert all(torch.equal(one, other) for one, other in zip(flat(whole[1:]), flat(rest), strict=True))
    assert [image.shape for images, _ in whole for image in images] != \
        [image.shape for images, _ in batches.epoch(2) for image in images]


def test_strong_keeps_boxes_inside_and_with_an_extent() -> None:
    augment = Augment("strong", True, LOOK.mean)
    picture = torch.randint(0, 256, (3, 60, 80), dtype=torch.uint8)
    boxes = torch.tensor([[5.0, 5, 30, 30], [40, 20, 80, 60]])
    shapes = set()
    for seed in range(40):
        changed, left, labels = augment(picture, boxes, torch.tensor([0, 1]), seed)
        shapes.add(tuple(changed.shape))
        assert len(left) == len(labels) and type(changed) is Tensor and type(left) is Tensor
        assert bool((left[:, 2:] > left[:, :2]).all()) and bool((left >= 0).all())
        assert bool((left[:, 2] <= changed.shape[2]).all()) and bool((left[:, 3] <= changed.shape[1]).all())
    assert len(shapes) > 5
    nothing = augment(picture, torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), 1)
    assert nothing[1].shape == (0, 4)


def test_the_ground_around_a_smaller_picture_is_the_mean_of_the_data() -> None:
    picture = torch.full((3, 40, 40), 255, dtype=torch.uint8)
    colours = set()
    for seed in range(40):
        shown, *_ = Augment("strong", False, (0.8, 0.6, 0.4))(
            picture, torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), seed)
        if max(shown.shape) > 40:
            colours |= {tuple(colour) for colour in shown.flatten(1).T.tolist()}
    assert (204, 153, 102) in colours and (0, 0, 0) not in colours


def test_equal_steps_fill_every_batch() -> None:
    assert [len(images) for images, _ in train(steps_per_epoch=5).epoch(0)] == [2] * 5


def test_evaluation_sees_every_picture_in_order_with_its_truth() -> None:
    pictures = BoxedPictures(dataset(), "test", np.array([1, 2, 4]), LOOK.size)
    batches = BoxedEvalBatches(pictures, LOOK, batch_size=2)
    assert len(batches) == 2
    targets = [target for _, part in batches for target in part]
    assert [target["labels"].tolist() for target in targets] == [[1], [], [0]]
    assert pictures.truth.picture.tolist() == [0, 2] and pictures.sizes.tolist() == [[96, 48], [64, 64], [50, 40]]


@pytest.mark.parametrize(("size", "longest", "expected"), [
    ((1584, 2112), 512, (384, 512)), ((48, 64), 96, (72, 96)), ((96, 10), 96, (96, 10)), ((1000, 1), 100, (100, 1))])
def test_the_longer_side_decides(size: tuple[int, int], longest: int, expected: tuple[int, int]) -> None:
    assert scale_to(size, longest) == expected
