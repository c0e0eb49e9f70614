"""Shapes: a small generated colour set with a known answer, for tests and first steps without any download."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Arrays, Pictures, Targets
from engine.data.readers.loaders import Loader

_SEED = 0
_FINE = 2
Mask = NDArray[np.bool_]

# Each from coordinates whose unit is the shape's radius: its width is 2 and its middle 0.
_SHAPES: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64]], Mask]] = {
    "disc": lambda x, y: x * x + y * y <= 1,
    "square": lambda x, y: np.maximum(abs(x), abs(y)) <= 0.85,
    "triangle": lambda x, y: (y <= 0.85) & (2 * abs(x) <= y + 1),
    "ring": lambda x, y: (x * x + y * y <= 1) & (x * x + y * y >= 0.36),
    "cross": lambda x, y: (np.minimum(abs(x), abs(y)) <= 0.3) & (np.maximum(abs(x), abs(y)) <= 1),
}


def folders(_data_path: Path | None) -> list[Path]:
    """The folder of this module: the pictures are drawn by it."""
    return [Path(__file__).parent]


def find(folder: Path) -> list[Path]:
    """This module's file, so that pictures are drawn again when the way they are drawn changes."""
    return [folder / Path(__file__).name]


def read(_folder: Path, _files: Sequence[Path], row: DatasetRow) -> Arrays:
    """Draw both splits, the same everywhere: as many pictures as the catalog says, every class equally often.

    A picture shows one shape, mirror-symmetric and upright, warm or cold in colour, at a random place and size on a
    background of random grey with noise. Shape and warmth make the class and nothing is ever hidden, so that the best
    possible accuracy is 1 and every error is the model's.
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
    # Drawn twice as fine and averaged, for soft edges.
    places = (np.arange(side * _FINE) + 0.5) / _FINE
    mask = _SHAPES[shape]((places[None, :] - x) / radius, (places[:, None] - y) / radius)
    cover = mask.reshape(side, _FINE, side, _FINE).mean(axis=(1, 3))[..., None]
    strong, weak, middle = random.randint(170, 256), random.randint(0, 70), random.randint(40, 131)
    colour = np.array((strong, middle, weak) if warmth == "warm" else (weak, middle, strong))
    paper = random.randint(80, 176) + random.randint(-15, 16, (side, side, 3))
    drawn: Pictures = (cover * colour + (1 - cover) * paper).round().clip(0, 255).astype(np.uint8)
    return drawn


LOADER = Loader(folders, find, read)
