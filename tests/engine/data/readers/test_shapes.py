"""The generated set: always the same, balanced, and told by what is drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.catalog.datasets import DATASETS
from engine.data import load_dataset
from engine.data.facts import data_facts


def test_it_is_always_the_same_and_as_the_catalog_says(home: Path) -> None:
    dataset, row = load_dataset("Shapes"), DATASETS["Shapes"]
    assert dataset.train_images.shape == (row.train, 32, 32, 3) and dataset.test_images.shape == (row.test, 32, 32, 3)
    assert dataset.fingerprint == "716b0c2d4fb615a4"
    assert set(np.bincount(dataset.train_targets)) == {200} and set(np.bincount(dataset.test_targets)) == {50}
    facts = data_facts("Shapes")
    assert (facts.classes, facts.train, facts.test) == (row.classes, row.train, row.test)


def test_warmth_and_shape_can_be_read_off_every_picture(home: Path) -> None:
    """A rule that looks at the red–blue difference and how the shape fills its box tells almost all classes."""
    dataset = load_dataset("Shapes")
    images = np.asarray(dataset.test_images[:]).astype(int)
    tint = images[..., 0] - images[..., 2]
    warm = np.take_along_axis(tint.reshape(len(tint), -1), abs(tint).reshape(len(tint), -1).argmax(1)[:, None], 1) > 0
    assert np.array_equal(warm[:, 0], dataset.test_targets < 5)
    correct = [_shape(abs(one) > 50) == dataset.classes[target].split()[1]
               for one, target in zip(tint, dataset.test_targets, strict=True)]
    assert np.mean(correct) > 0.95


def test_no_picture_is_in_both_splits(home: Path) -> None:
    dataset = load_dataset("Shapes")
    train, test = ({bytes(image) for image in np.asarray(images[:])}
                   for images in (dataset.train_images, dataset.test_images))
    assert len(train) == 2000 and not train & test


def _shape(mask: np.ndarray) -> str:
    """The shape whose ideal filling of its box, corner and middle is nearest."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = mask[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    height, width = box.shape
    middle = box[height // 2 - 1:height // 2 + 1, width // 2 - 1:width // 2 + 1].mean()
    top, bottom = box[:height // 4].mean(), box[-(height // 4):].mean()
    seen = np.array((box.mean(), middle, top, bottom))
    ideal = {"disc": (0.78, 1, 0.6, 0.6), "square": (1, 1, 1, 1), "triangle": (0.5, 1, 0.13, 0.87),
             "ring": (0.5, 0, 0.6, 0.6), "cross": (0.51, 1, 0.3, 0.3)}
    return min(ideal, key=lambda name: float(np.abs(seen - ideal[name]).sum()))
