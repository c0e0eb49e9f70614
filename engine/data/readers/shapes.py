"""Shapes: a small generated colour set with known classes, for tests and first steps without a download."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Arrays, Pictures, Targets
from engine.data.readers.loaders import generated

_SEED = 0
_FINE = 2
Mask = NDArray[np.bool_]

# Each shape in coordinates with its centre at 0 and its radius 1.
_SHAPES: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64]], Mask]] = {
    "disc": lambda x, y: x * x + y * y <= 1,
    "square": lambda x, y: np.maximum(abs(x), abs(y)) <= 0.85,
    "triangle": lambda x, y: (y <= 0.85) & (2 * abs(x) <= y + 1),
    "ring": lambda x, y: (x * x + y * y <= 1) & (x * x + y * y >= 0.36),
    "cross": lambda x, y: (np.minimum(abs(x), abs(y)) <= 0.3) & (np.maximum(abs(x), abs(y)) <= 1),
}


def read(_folder: Path, _files: Sequence[Path], row: DatasetRow) -> Arrays:
    """Draw both splits, always the same, with the catalog's number of pictures and balanced classes.

    A picture shows one upright, mirror-symmetric shape in a warm or cold colour, at a random place and size on noisy
    grey. Shape and warmth determine the class and nothing is hidden, so that the best possible accuracy is 1.
    """
    random = np.random.RandomState(_SEED)  # whose streams never change between NumPy versions
    return Arrays(*_split(random, row.train, row), *_split(random, row.test, row))


def _split(random: np.random.RandomState, count: int, row: DatasetRow) -> tuple[Pictures, Targets]:
    targets = random.permutation(np.arange(count) % len(row.classes)).astype(np.int64)
    return np.stack([_picture(random, row.classes[label], row.size) for label in targets]), targets


def _picture(random: np.random.RandomState, name: str, side: int) -> Pictures:
    warmth, shape = name.split()
    radius = random.randint(side * 9 // 32, side * 13 // 32 + 1)
    x, y = random.randint(radius, side - radius + 1, 2)
    # Drawn at twice the resolution and averaged, for smooth edges.
    places = (np.arange(side * _FINE) + 0.5) / _FINE
    mask = _SHAPES[shape]((places[None, :] - x) / radius, (places[:, None] - y) / radius)
    cover = mask.reshape(side, _FINE, side, _FINE).mean(axis=(1, 3))[..., None]
    strong, weak, middle = random.randint(170, 256), random.randint(0, 70), random.randint(40, 131)
    colour = np.array((strong, middle, weak) if warmth == "warm" else (weak, middle, strong))
    paper = random.randint(80, 176) + random.randint(-15, 16, (side, side, 3))
    drawn: Pictures = (cover * colour + (1 - cover) * paper).round().clip(0, 255).astype(np.uint8)
    return drawn


LOADER = generated(__file__, read)
