"""Stratified splits."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data.split import stratified_split
from engine.errors import UserError

TARGETS = np.repeat(np.arange(4), (100, 50, 25, 3)).astype(np.int64)


def test_every_picture_is_on_one_side_in_ascending_order() -> None:
    train, val = stratified_split(TARGETS, 0.2, 0)
    assert np.array_equal(np.sort(np.concatenate((train, val))), np.arange(len(TARGETS)))
    assert (np.diff(train) > 0).all() and (np.diff(val) > 0).all()
    assert train.dtype == val.dtype == np.int64


@pytest.mark.parametrize(("fraction", "expected"), [(0.2, [20, 10, 5, 1]), (0.5, [50, 25, 13, 1])])
def test_classes_keep_their_share(fraction: float, expected: list[int]) -> None:
    _, val = stratified_split(TARGETS, fraction, 3)
    assert np.abs(np.bincount(TARGETS[val]) - expected).max() <= 1
    assert len(val) == int(np.ceil(fraction * len(TARGETS)))


def test_tiny_fraction_still_has_every_class() -> None:
    _, val = stratified_split(TARGETS, 0.001, 0)
    assert np.bincount(TARGETS[val]).tolist() == [1, 1, 1, 1]


def test_huge_fraction_leaves_every_class_something_to_learn() -> None:
    train, _ = stratified_split(TARGETS, 0.999, 0)
    assert np.bincount(TARGETS[train]).tolist() == [1, 1, 1, 1]


def test_round_fractions_are_exact() -> None:
    _, val = stratified_split(np.repeat(np.arange(2), 50), 0.07, 0)
    assert len(val) == 7  # although 0.07 * 100 is a little above 7


def test_seed_decides() -> None:
    assert np.array_equal(stratified_split(TARGETS, 0.3, 5)[1], stratified_split(TARGETS, 0.3, 5)[1])
    assert not np.array_equal(stratified_split(TARGETS, 0.3, 5)[1], stratified_split(TARGETS, 0.3, 6)[1])


def test_a_class_of_one_is_named() -> None:
    targets = np.array([0, 0, 1, 2, 2])
    with pytest.raises(UserError, match="trouser"):
        stratified_split(targets, 0.5, 0, ("top", "trouser", "dress"))
    with pytest.raises(UserError, match="class 1"):
        stratified_split(targets, 0.5, 0)
