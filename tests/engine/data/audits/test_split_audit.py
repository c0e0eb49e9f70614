"""The parts a config makes, and the checks that find what is wrong with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.config import parse_config
from engine.data import Dataset, load_dataset
from engine.data.audits.duplicates import Copies
from engine.data.audits.split_audit import Part, nestedness, overlapping, parts_of, shared_copies
from engine.errors import UserError


@pytest.fixture
def digits(home: Path) -> Dataset:
    return load_dataset("Digits")


def test_parts_hold_every_picture_once(digits: Dataset) -> None:
    config = parse_config({"dataset": "Digits", "train_fraction": 0.2, "seed": 4})
    parts = parts_of(digits, config)
    assert [part.name for part in parts] == ["train", "validation", "left out", "test"]
    assert sum(len(part.ids) for part in parts[:3]) == len(digits.train_targets)
    assert not overlapping(parts)
    assert [int(part.counts.sum()) for part in parts] == [len(part.ids) for part in parts]
    np.testing.assert_array_equal(parts[0].counts, np.bincount(digits.train_targets[parts[0].ids], minlength=10))


def test_with_everything_learnt_from_nothing_is_left_out(digits: Dataset) -> None:
    parts = parts_of(digits, parse_config({"dataset": "Digits"}))
    assert [part.name for part in parts] == ["train", "validation", "test"]


def test_an_overlap_is_noticed() -> None:
    ids = np.arange(4)
    assert overlapping([Part("train", ids, ids), Part("validation", ids[3:], ids), Part("test", ids, ids)])
    assert not overlapping([Part("train", ids[:3], ids), Part("validation", ids[3:], ids), Part("test", ids, ids)])


def test_copies_are_shared_only_between_parts_in_use() -> None:
    counts = np.ones(1, np.int64)
    parts = [Part("train", np.array([0, 1]), counts), Part("validation", np.array([2]), counts),
             Part("left out", np.array([3]), counts), Part("test", np.array([0, 1]), counts)]
    leaks = Copies((1, 2), (), (0,)), Copies((3,), (1,), (0,)), Copies((0,), (1,), (0,)), Copies((0, 1), (), (0,))
    assert shared_copies(parts, leaks) == [(leaks[0], ("train", "validation")), (leaks[2], ("train", "test"))]


def test_fractions_are_nested(digits: Dataset) -> None:
    config = parse_config({"dataset": "Digits", "train_fraction": 0.33, "seed": 7})
    rows = nestedness(digits.train_targets, config, digits.classes)
    assert [row.fraction for row in rows] == [0.1, 0.2, 0.33, 0.5, 1.0]
    assert all(row.inside for row in rows)
    assert [row.pictures for row in rows] == sorted(row.pictures for row in rows)
    assert min(row.smallest_class for row in rows) >= 1


def test_fractions_that_are_not_nested_are_noticed(digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def unrelated(training: object, targets: object, fraction: float, seed: int, classes: object) -> np.ndarray:
        start = 0 if fraction == 1 else int(1000 * fraction)
        return np.arange(start, start + int(100 * fraction))

    monkeypatch.setattr("engine.data.audits.split_audit.training_fraction", unrelated)
    rows = nestedness(digits.train_targets, parse_config({"dataset": "Digits"}), digits.classes)
    assert [row.inside for row in rows] == [False, False, False, True]


def test_a_class_too_small_is_named(digits: Dataset) -> None:
    targets = np.concatenate(([9], digits.train_targets[digits.train_targets != 9][:1436]))
    lonely = replace(digits, train_targets=targets)
    with pytest.raises(UserError, match="9"):
        parts_of(lonely, parse_config({"dataset": "Digits"}))
