"""Scenes: small generated pictures with known boxes, for tests and first steps without a download.

They resemble slides of diatoms: cells of three genera with two species each, in any direction, on a grainy background
with specks. Outline and tint identify the genus, marks the species. As in real collections, a few species are frequent,
small cells are more common than large ones, some pictures show no cell, and some cells cross the edge.
"""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.boxes.arrays import concat_annotations
from engine.boxes.iou import iou
from engine.catalog.datasets import DatasetRow
from engine.confined.marks import decoding
from engine.data.boxes.dataset import AnnotatedSplit, RawAnnotations
from engine.data.boxes.files import AnnotatedArray
from engine.data.boxes.pictures import Gathered
from engine.data.dataset import Pictures, count_levels
from engine.data.readers.loaders import generated

_SEED = 0
_FINE = 2
_CELLS = (0.08, 0.2, 0.24, 0.26, 0.22)
"""Probabilities of zero to four cells in a picture."""
_SHARES = (0.14, 0.06, 0.25, 0.04, 0.38, 0.13)
_USUAL, _SPREAD, _SHORTEST, _LONGEST = 46.0, 0.36, 28.0, 110.0
_ACROSS, _APART, _TRIES = 0.12, 0.05, 40
Plane = NDArray[np.float64]
Curve = Callable[[Plane], Plane]

# Distance of the outline above and below the middle line, by the position along it, −1 to 1; in half lengths.
_OUTLINES: dict[str, tuple[Curve, Curve]] = {
    "Encyonema": (lambda t: 0.56 * (1 - t * t), lambda t: 0.1 * (1 - t * t)),
    "Gomphonema": (lambda t: 0.28 * (1 - t**4) * (1 + 0.6 * t), lambda t: 0.28 * (1 - t**4) * (1 + 0.6 * t)),
    "Navicula": (lambda t: 0.25 * (1 - t * t), lambda t: 0.25 * (1 - t * t)),
}
_STRIPED = frozenset({"silesiacum", "olivaceum", "lanceolata"})
"""Species with pale, striped cells; the others are darker, with a pale bar across the middle."""
_TINTS = {"Encyonema": (1.0, 1.0, 1.0), "Gomphonema": (1.16, 0.84, 0.8), "Navicula": (0.78, 1.0, 1.2)}
"""Transmission of red, green and blue for each genus. From outlines alone the small detector learns too slowly: within
minutes it finds nearly every cell, but half of them with the wrong class."""


def read(_folder: Path, _files: Sequence[Path], row: DatasetRow) -> Gathered:
    """Draw both splits, always the same, with the catalog's number of pictures. A box encloses the visible part of a
    cell. Only the picture's edge hides anything, so that the best possible average precision is near 1."""
    random = np.random.RandomState(_SEED)  # whose streams never change between NumPy versions
    train, test = (_split(random, count, row, name) for count, name in ((row.train, "train"), (row.test, "test")))
    assert isinstance(train.source, AnnotatedArray)
    return Gathered(row.classes, train, test, count_levels(train.source.images))


def _split(random: np.random.RandomState, count: int, row: DatasetRow, name: str) -> AnnotatedSplit:
    names = tuple(f"{name} scene {place}" for place in range(count))
    drawn = []
    for title in names:
        with decoding(Path(title)):  # a sign of life; on a busy machine all of them take minutes
            drawn.append(_scene(random, row.size * 3 // 4, row.size, row.classes))
    images = np.stack([image for image, _, _ in drawn])
    annotations = concat_annotations((boxes, labels, np.zeros(len(labels), np.bool_)) for _, boxes, labels in drawn)
    sizes = np.tile(np.array(images.shape[1:3], np.int64), (count, 1))
    digests = b"".join(blake2b(image.tobytes(), digest_size=16).digest() for image in images)
    first = np.searchsorted(annotations.picture, annotations.picture)
    places = np.arange(len(annotations), dtype=np.int64) - first + 1
    contents = np.frombuffer(digests, np.uint8).reshape(-1, 16)
    written = RawAnnotations(annotations, names, places, sizes, contents, "cell")
    return AnnotatedSplit(names, sizes, written, AnnotatedArray(images))


def _scene(random: np.random.RandomState, height: int, width: int,
           classes: Sequence[str]) -> tuple[Pictures, NDArray[np.float32], NDArray[np.int64]]:
    """Draw a picture uint8 [H, W, 3], its boxes float32 [m, 4] and their labels int64 [m]."""
    canvas = _background(random, height, width)
    boxes, labels = np.zeros((0, 4), np.float32), list[int]()
    for label in random.choice(len(classes), random.choice(len(_CELLS), p=_CELLS), p=_SHARES):
        genus, species = classes[label].split()
        for _ in range(_TRIES):
            along, across = _place_cell(random, height, width)
            cover, box = _cover(genus, along, across)
            if box is not None and not (iou(boxes, box) > _APART).any():
                _paint(random, canvas, cover, along, across, _TINTS[genus], striped=species in _STRIPED)
                boxes, labels = np.concatenate((boxes, box)), [*labels, int(label)]
                break
    image: Pictures = canvas.round().clip(0, 255).astype(np.uint8)
    return image, boxes, np.array(labels, np.int64)


def _place_cell(random: np.random.RandomState, height: int, width: int) -> tuple[Plane, Plane]:
    """Draw a cell's length, place and direction; return the distances along and across its middle line, in half
    lengths."""
    half = np.clip(_USUAL * np.exp(_SPREAD * random.randn()), _SHORTEST, _LONGEST) / 2
    angle = random.uniform(0, 2 * np.pi)
    margin = 0.0 if random.rand() < _ACROSS else min(half, 0.45 * height)
    x, y = random.uniform(margin, width - margin), random.uniform(margin, height - margin)
    columns = ((np.arange(width * _FINE) + 0.5) / _FINE - x)[None, :] / half
    rows = ((np.arange(height * _FINE) + 0.5) / _FINE - y)[:, None] / half
    return columns * np.cos(angle) + rows * np.sin(angle), rows * np.cos(angle) - columns * np.sin(angle)


def _cover(genus: str, along: Plane, across: Plane) -> tuple[Plane, NDArray[np.float32] | None]:
    """Return how much of each pixel a cell covers, 0 to 1, and its box [1, 4]; None if too little is visible."""
    above, below = _OUTLINES[genus]
    inside = (abs(along) < 1) & (across < above(along)) & (across > -below(along))
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if not len(rows):
        return inside.astype(float), None
    box = np.array([[columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]], np.float32) / np.float32(_FINE)
    seen = box[0, 2:] - box[0, :2]
    return _downsample(inside.astype(float)), box if seen.min() >= 6 and seen.max() >= 0.7 * _SHORTEST else None


def _paint(random: np.random.RandomState, canvas: Plane, cover: Plane, along: Plane, across: Plane,
           tint: tuple[float, float, float], *, striped: bool) -> None:
    """Paint a cell on the canvas [H, W, 3]: a dark rim, the middle line, and the marks of its species."""
    rim = np.minimum(1, 4 * cover * (1 - cover))
    line = _downsample((abs(across) < 0.03) & (abs(along) < 0.85))
    marks = _downsample(np.sin(along * 30) > 0.1 if striped else abs(along) < 0.16)
    body = np.array((196, 186, 140) if striped else (112, 106, 70)) + random.randint(-10, 11, 3)
    mark = np.array((128, 112, 66) if striped else (214, 206, 170))
    colour = body * (1 - marks[..., None]) + mark * marks[..., None]
    colour = np.array(tint) * colour * (1 - 0.55 * np.maximum(rim, line))[..., None]
    canvas += 0.9 * cover[..., None] * (colour - canvas)


def _background(random: np.random.RandomState, height: int, width: int) -> Plane:
    """Draw a pale background [H, W, 3] of varying brightness, with grain and dark specks."""
    rough = 12 * random.randn(5, 6)
    wide = np.stack([np.interp(np.linspace(0, 5, width), np.arange(6), row) for row in rough])
    cloud = np.stack([np.interp(np.linspace(0, 4, height), np.arange(5), column) for column in wide.T], axis=1)
    paper = np.array((206, 204, 196)) + random.randint(-12, 13) + random.randint(-5, 6, 3)
    canvas: Plane = paper + cloud[..., None] + 6 * random.randn(height, width, 1)
    rows, columns = np.mgrid[:height, :width]
    for _ in range(random.randint(3, 10)):
        x, y, radius = random.uniform(0, width), random.uniform(0, height), random.uniform(0.8, 3.2)
        shade = np.clip(radius + 0.5 - np.hypot(columns - x, rows - y), 0, 1)[..., None]
        canvas += 0.6 * shade * (np.array((120, 112, 96)) - canvas)
    return canvas


def _downsample(fine: NDArray[np.bool_] | Plane) -> Plane:
    """Average the fine pixels of each pixel."""
    height, width = fine.shape
    found: Plane = fine.reshape(height // _FINE, _FINE, width // _FINE, _FINE).mean(axis=(1, 3))
    return found


LOADER = generated(__file__, read)
