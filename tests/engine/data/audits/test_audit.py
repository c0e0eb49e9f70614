"""Duplicates, statistics, and the audit that is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import engine.data.audits.audit
from engine.data import Dataset, load_dataset
from engine.data.audits.audit import audit, report
from engine.data.audits.duplicates import count_copies, digests, find_copies
from engine.data.audits.statistics import scan_split


def _dataset(train: np.ndarray, test: np.ndarray, train_targets: list[int], test_targets: list[int]) -> Dataset:
    return Dataset(train, np.array(train_targets), test, np.array(test_targets), classes=("cat", "dog", "bird"),
                   name="toy", fingerprint="f" * 16, mean=(0.5,), std=(0.5,))


def _pictures(count: int, seed: int = 0) -> np.ndarray:
    return np.random.RandomState(seed).randint(0, 256, (count, 4, 4, 3)).astype(np.uint8)


def test_planted_copies_are_found_and_nothing_else() -> None:
    train, test = _pictures(300), _pictures(50, seed=1)
    train[7] = train[3]
    train[200] = train[3]
    test[5] = train[10]
    test[9] = test[8]
    train_targets, test_targets = np.zeros(300, np.int64), np.zeros(50, np.int64)
    train_targets[200] = 2
    found = find_copies(digests(train), digests(test), train_targets, test_targets)
    assert [(each.train, each.test, each.labels, each.where) for each in found] == [
        ((3, 7, 200), (), (0, 2), "train"), ((10,), (5,), (0,), "both"), ((), (8, 9), (0,), "test")]
    assert count_copies(found) == {"train": 1, "test": 1, "both": 1, "contradictory": 1}
    assert found[0].spare == 2


def test_one_pixel_or_another_shape_is_no_copy() -> None:
    picture = _pictures(1)
    changed = picture.copy()
    changed[0, 3, 3, 2] ^= 1
    assert digests(picture) == digests(picture.copy())
    assert digests(picture) != digests(changed)
    assert digests(picture) != digests(picture.reshape(1, 2, 8, 3))


def test_statistics_equal_those_of_the_whole_array(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.data.audits.statistics, "_CHUNK_BYTES", 500)
    images, targets = _pictures(101), np.arange(101) % 3
    seen, keys, _ = scan_split(images, targets, classes=4)
    unit = images / 255
    assert seen.mean == pytest.approx(unit.mean((0, 1, 2)))
    assert seen.std == pytest.approx(unit.std((0, 1, 2)))
    np.testing.assert_allclose(seen.brightness, unit.mean((1, 2, 3)), atol=1e-6)
    np.testing.assert_allclose(seen.contrast, unit.std((1, 2, 3)), atol=1e-6)
    np.testing.assert_array_equal(seen.means[1], np.rint(images[targets == 1].mean(0)).astype(np.uint8))
    assert not seen.means[3].any()
    assert keys == digests(images)


def test_the_second_audit_is_read_and_equals_the_first(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train = _pictures(30)
    dataset = _dataset(train, train[:2].copy(), [0, 1, 2] * 10, [0, 2])
    first = audit(dataset)
    monkeypatch.setattr(engine.data.audits.audit, "scan_split", None)
    second = audit(dataset)
    assert second.copies == first.copies
    assert report(dataset, second) == report(dataset, first)
    np.testing.assert_array_equal(second.train.means, first.train.means)
    assert report(dataset, first)["duplicates"]["pictures"][0] == {
        "train": (1,), "test": (1,), "classes": ["dog", "bird"]}


def test_a_broken_or_unwritable_copy_of_the_audit_is_made_again(home: Path) -> None:
    dataset = _dataset(_pictures(6), _pictures(3, seed=2), [0, 1, 2] * 2, [0, 1, 2])
    audit(dataset)
    (kept,) = (home / "data" / "audits").iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    assert audit(dataset).copies == ()
    other = replace(dataset, fingerprint="e" * 16)
    kept.unlink()
    kept.parent.rmdir()
    kept.parent.write_text("in the way")
    assert len(audit(other).train.brightness) == 6


def test_digits_repeat_no_picture(home: Path) -> None:
    dataset = load_dataset("Digits")
    found = report(dataset, audit(dataset))
    assert found["duplicates"]["pictures"] == []
    assert found["mean"] == pytest.approx(dataset.mean)
    assert sum(found["by_class"]["test"]) == found["test"] == 360
    assert found["picture_shape"] == [8, 8, 1]
