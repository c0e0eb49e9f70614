"""Dividing pictures with boxes: exact shares, rare classes first, nested fractions, empty pictures by choice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from engine.boxes.arrays import Annotations, Ints
from engine.data.boxes.dataset import AnnotatedSplit, DetectionDataset, RawAnnotations
from engine.data.boxes.split import detection_split, rarest_classes
from engine.data.split import balanced_split
from engine.errors import UserError


@dataclass(frozen=True)
class Options:
    val_fraction: float = 0.2
    train_fraction: float = 1.0
    folds: int = 0
    fold: int = 1
    seed: int = 0
    empty_pictures: str = "keep"


def _annotations(labels: list[list[int]]) -> Annotations:
    picture = np.repeat(np.arange(len(labels)), [len(each) for each in labels])
    flat = np.array([label for each in labels for label in each], np.int64)
    boxes = np.tile(np.array([[1, 1, 9, 9]], np.float32), (len(flat), 1))
    return Annotations(picture, boxes, flat, np.zeros(len(flat), bool), len(labels))


def _dataset(labels: list[list[int]]) -> DetectionDataset:
    boxes, count = _annotations(labels), len(labels)
    sizes = np.full((count, 2), 10, np.int64)
    written = RawAnnotations(boxes, ("",) * count, np.arange(len(boxes)), sizes, np.zeros((count, 16), np.uint8))
    split = AnnotatedSplit(("",) * count, sizes, written, None)  # type: ignore[arg-type]
    return DetectionDataset(name="drawn", classes=("a", "b", "c"), fingerprint="", mean=(), std=(), notes=(),
                            skipped=(), train=split, test=split)


def _parts(labels: list[list[int]], **options: object) -> tuple[Ints, Ints]:
    return detection_split(_dataset(labels), Options(**options))  # type: ignore[arg-type]


def test_a_picture_counts_as_the_class_that_the_fewest_pictures_show() -> None:
    shown = [[0, 0], [0, 1], [0, 1, 2], [], [1], [0]]
    assert rarest_classes(_annotations(shown)).tolist() == [0, 1, 2, -1, 1, 0]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("fraction", [0.1, 0.2, 0.5])
def test_the_share_is_exact_and_every_class_of_two_is_on_both_sides(seed: int, fraction: float) -> None:
    strata = np.random.RandomState(7).permutation(np.repeat([-1, 0, 1, 2, 3], [6, 60, 20, 2, 1]))
    learnt, held = balanced_split(strata, fraction, seed)
    assert len(held) == -(-89 * fraction // 1)
    assert sorted([*learnt, *held]) == list(range(89))
    assert set(strata[held]) == {-1, 0, 1, 2} and set(strata[learnt]) == {-1, 0, 1, 2, 3}
    assert np.array_equal(held, balanced_split(strata, fraction, seed)[1])


def test_many_classes_of_few_pictures_are_all_learnt() -> None:
    strata = np.repeat(np.arange(30), 2)
    learnt, held = balanced_split(strata, 0.1, 0)
    assert len(held) == 6 and set(strata[learnt]) == set(range(30))
    learnt, held = balanced_split(np.arange(10), 0.2, 0)
    assert (len(learnt), len(held)) == (8, 2)
    with pytest.raises(UserError, match="too few"):
        balanced_split(np.zeros(1, np.int64), 0.5, 0)


def test_validation_stays_when_less_is_learnt() -> None:
    shown = [[0]] * 30 + [[0, 1]] * 10 + [[2]] * 4 + [[]] * 6
    learnt, held = _parts(shown)
    assert len(held) == 10 and len(learnt) == 40
    dropped, held_still = _parts(shown, empty_pictures="drop")
    assert np.array_equal(held, held_still)
    assert np.array_equal(dropped, [place for place in learnt if shown[place]]) and len(dropped) < len(learnt)
    half, held_still = _parts(shown, train_fraction=0.5)
    quarter, _ = _parts(shown, train_fraction=0.25)
    assert np.array_equal(held, held_still) and len(half) == 20
    assert set(quarter) < set(half) < set(learnt)
    assert {label for place in quarter for label in shown[place]} == {0, 1, 2}


def test_nothing_with_a_box_to_learn_from_is_refused() -> None:
    with pytest.raises(UserError, match="no training picture with a box"):
        _parts([[]] * 8 + [[0]] * 0)
