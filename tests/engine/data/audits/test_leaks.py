"""Test pictures that are copies of training pictures, though not with equal pixels."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.Image import Resampling, Transpose
from scipy.ndimage import gaussian_filter

from engine.data import Dataset
from engine.data.audits.audit import audit, known_leaks, labels_of
from engine.data.audits.leaks import ALIKE, Leak, find_leaks, sketch

SIDE = 40


def _pictures(count: int, seed: int) -> np.ndarray:
    """Return pictures with shapes and details, each of its own."""
    noise = np.random.default_rng(seed).normal(size=(count, SIDE, SIDE, 3))
    mixed = 6 * gaussian_filter(noise, (0, 5, 5, 0)) + 2 * gaussian_filter(noise, (0, 1.5, 1.5, 0))
    return np.clip(128 + 90 * mixed, 0, 255).astype(np.uint8)


TRAIN, TEST = _pictures(200, 0), _pictures(60, 1)


def _compressed(picture: Image.Image) -> Image.Image:
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=50)
    return Image.open(content)


def _resized(picture: Image.Image) -> Image.Image:
    return picture.resize((SIDE // 2, SIDE // 2)).resize((SIDE, SIDE))


def _mirrored(picture: Image.Image) -> Image.Image:
    return picture.transpose(Transpose.FLIP_LEFT_RIGHT)


def _cropped(picture: Image.Image) -> Image.Image:
    return picture.resize((SIDE, SIDE), Resampling.BICUBIC, box=(2, 2, SIDE, SIDE))


def _brightened(picture: Image.Image) -> Image.Image:
    return picture.point(lambda value: min(255, int(1.1 * value)))


KINDS = (_compressed, _resized, _mirrored, _cropped, _brightened, lambda picture: _compressed(_mirrored(picture)))


def _find(train: np.ndarray, test: np.ndarray) -> tuple[list[Leak], float]:
    return find_leaks(train, test, sketch(train), sketch(test))


@pytest.mark.parametrize("changed", KINDS)
def test_changed_copies_are_found_and_nothing_else(changed: Callable[[Image.Image], Image.Image]) -> None:
    test = TEST.copy()
    for place in range(5):
        test[place] = np.asarray(changed(Image.fromarray(TRAIN[100 + place])))
    found, least = _find(TRAIN, test)
    assert [(leak.test, leak.train) for leak in found] == [(place, 100 + place) for place in range(5)]
    assert {leak.mirrored for leak in found} == {changed in (KINDS[2], KINDS[5])}
    assert least == ALIKE


def test_a_test_set_that_leaks_whole_is_found_whole() -> None:
    assert len(_find(TRAIN, TRAIN[:60, :, ::-1])[0]) == 60


def test_flat_pictures_and_pictures_too_small_for_details_are_no_copies() -> None:
    assert _find(np.full_like(TRAIN, 7), np.full_like(TEST, 9))[0] == []
    assert _find(TRAIN[:, :12, :12], TRAIN[:60, :12, :12]) == ([], 1.0)


def test_a_sketch_of_a_mirror_image_differs_in_signs_alone() -> None:
    np.testing.assert_allclose(np.abs(sketch(TRAIN[:, :, ::-1])), np.abs(sketch(TRAIN)), atol=1e-5)


def test_the_audit_keeps_leaks_and_names_both_classes(home: Path) -> None:
    test = np.concatenate((TRAIN[:1], TRAIN[1:2, :, ::-1], TEST))
    dataset = Dataset(TRAIN, np.zeros(200, np.int64), test, np.ones(62, np.int64), classes=("cat", "dog"), name="toy",
                      fingerprint="a" * 16, mean=(0.5,), std=(0.5,))
    assert known_leaks(dataset.fingerprint) is None
    found = audit(dataset)
    assert [(leak.test, leak.train, leak.mirrored) for leak in found.leaks] == [(1, 1, True)]
    assert labels_of(dataset, found.leaks[0]) == ("cat", "dog")
    assert known_leaks(dataset.fingerprint) == audit(dataset).leaked == {0, 1}
