"""DigitGroups: one to three real handwritten digits on one picture, for pictures with several classes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.catalog.datasets import DATASETS, DatasetRow
from engine.data.dataset import Arrays, Pictures, Targets
from engine.data.readers import digits
from engine.data.readers.loaders import Loader

_SEED = 0
_CELLS, _SIDE = 9, 8
_COUNTS = (0.3, 0.4, 0.3)
"""Probabilities of one to three digits in a picture."""


def find(folder: Path) -> list[Path]:
    return [*digits.find(folder), Path(__file__)]


def read(folder: Path, files: Sequence[Path], row: DatasetRow) -> Arrays:
    """Return both splits, always the same: the digits of each lie only in its own pictures.

    Raises:
        UserError: the file of digits cannot be read.
    """
    found = digits.read(folder, files[:1], DATASETS["Digits"])
    random = np.random.RandomState(_SEED)  # whose streams never change between NumPy versions
    train, test = ((np.asarray(images), targets) for images, targets in (
        (found.train_images, found.train_targets), (found.test_images, found.test_targets)))
    return Arrays(*_grouped(random, *train, row.train), *_grouped(random, *test, row.test))


def _grouped(random: np.random.RandomState, images: Pictures, labels: Targets, count: int) -> tuple[Pictures, Targets]:
    """Put some digits into the nine cells of each picture."""
    pictures = np.zeros((count, 3, _SIDE, 3, _SIDE, 1), np.uint8)
    targets = np.zeros((count, 10), np.int64)
    for place in range(count):
        number = 1 + random.choice(len(_COUNTS), p=_COUNTS)
        chosen: NDArray[np.int64] = random.choice(len(images), number, replace=False)
        cells = np.divmod(random.choice(_CELLS, number, replace=False), 3)
        for picture, row, column in zip(chosen, *cells, strict=True):
            pictures[place, row, :, column] = images[picture]
        targets[place, labels[chosen]] = 1
    return pictures.reshape(count, 3 * _SIDE, 3 * _SIDE, 1), targets


LOADER = Loader(digits.folders, find, read)
