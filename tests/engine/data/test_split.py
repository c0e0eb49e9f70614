"""Stratified splits."""

from __future__ import annotations

import numpy as np
import pytest

from engine.config import parse_config
from engine.data.split import fold_size, fold_split, nested_fraction, run_split, stratified_split
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


FRACTIONS = (0.001, 0.03, 0.1, 0.1001, 0.2, 1 / 3, 0.5, 0.77, 0.999, 1.0)


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_every_smaller_fraction_lies_inside_every_larger_one(seed: int) -> None:
    ids = np.arange(3, len(TARGETS), dtype=np.int64)
    parts = [nested_fraction(ids, TARGETS, fraction, seed) for fraction in FRACTIONS]
    for fraction, part, larger in zip(FRACTIONS, parts, parts[1:], strict=False):
        assert set(part) < set(larger) or len(part) == len(larger), fraction
    assert np.array_equal(parts[-1], ids)


@pytest.mark.parametrize("fraction", FRACTIONS)
def test_a_fraction_keeps_every_class_in_proportion(fraction: float) -> None:
    ids = np.arange(len(TARGETS), dtype=np.int64)
    part = nested_fraction(ids, TARGETS, fraction, 5)
    assert len(part) == max(4, int(np.ceil(fraction * len(TARGETS)))) and (np.diff(part) > 0).all()
    counts = np.bincount(TARGETS[part], minlength=4)
    assert counts.min() >= 1
    assert (np.abs(counts - fraction * np.bincount(TARGETS)) <= 1 + (fraction < 0.1)).all()


def test_a_fraction_is_decided_by_its_seed_and_not_the_first_pictures() -> None:
    ids = np.arange(len(TARGETS), dtype=np.int64)
    first, again, other = (nested_fraction(ids, TARGETS, 0.2, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert first.max() > 100 and not np.array_equal(first[:20], np.arange(20))


def test_a_class_with_nothing_to_learn_from_is_named() -> None:
    with pytest.raises(UserError, match="no training picture of dress"):
        nested_fraction(np.arange(4, dtype=np.int64), np.array([0, 1, 0, 1]), 0.5, 0, ("top", "trouser", "dress"))


def test_a_run_is_validated_on_the_same_pictures_whatever_it_learns_from() -> None:
    whole, val = run_split(TARGETS, parse_config({"val_fraction": 0.2}))
    some, same = run_split(TARGETS, parse_config({"val_fraction": 0.2, "train_fraction": 0.3}))
    assert np.array_equal(val, same) and set(some) < set(whole)
    assert np.array_equal(whole, stratified_split(TARGETS, 0.2, 0)[0])


@pytest.mark.parametrize("folds", [2, 3])
def test_folds_are_disjoint_complete_stratified_and_as_large_as_promised(folds: int) -> None:
    parts = [fold_split(TARGETS, folds, fold, 1) for fold in range(1, folds + 1)]
    assert np.array_equal(np.sort(np.concatenate([held for _, held in parts])), np.arange(len(TARGETS)))
    for fold, (rest, held) in enumerate(parts, 1):
        assert np.array_equal(np.sort(np.concatenate((rest, held))), np.arange(len(TARGETS)))
        assert len(held) == fold_size(len(TARGETS), folds, fold)
        assert np.abs(np.bincount(TARGETS[held], minlength=4) - np.bincount(TARGETS) / folds).max() < 1


def test_another_seed_deals_other_folds() -> None:
    assert not np.array_equal(fold_split(TARGETS, 5, 1, 0)[1], fold_split(TARGETS, 5, 1, 1)[1])


def test_a_run_holds_back_its_fold() -> None:
    config = parse_config({"folds": 3, "fold": 2, "train_fraction": 0.5})
    train, val = run_split(TARGETS, config)
    assert np.array_equal(val, fold_split(TARGETS, 3, 2, 0)[1]) and not np.intersect1d(train, val).size
    assert len(train) == 60 and config.val_fraction == 0.1


def test_more_folds_than_a_class_has_pictures_are_refused() -> None:
    with pytest.raises(UserError, match="too few pictures to make 4 folds: every class needs 4, which d lacks"):
        run_split(TARGETS, parse_config({"folds": 4}), ("a", "b", "c", "d"))
