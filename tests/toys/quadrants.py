"""A data set for pictures with any number of classes: which of four quadrants are bright."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Arrays
from engine.data.readers.loaders import Loader

CLASSES = ("north west", "north east", "south west", "south east")
SHARES = (0.6, 0.4, 0.3, 0.1)


def quadrants(count: int, seed: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return pictures uint8 [N, 8, 8, 1] and targets int64 [N, 4]."""
    random = np.random.default_rng(seed)
    targets = (random.random((count, 4)) < SHARES).astype(np.int64)
    bright = targets.reshape(count, 2, 2).repeat(4, axis=1).repeat(4, axis=2)
    noise = random.integers(0, 190, (count, 8, 8))
    return (bright * 60 + noise).astype(np.uint8)[..., None], targets


LOADER = Loader(folders=lambda root: [Path(__file__).parent], find=lambda folder: [Path(__file__)],
                read=lambda folder, files, row: Arrays(*quadrants(row.train, 0), *quadrants(row.test, 1)))

DATASET = DatasetRow("Bright quadrants.", CLASSES, 320, 120, 8, 1, flips=False, task="multi-label", loader=LOADER)
