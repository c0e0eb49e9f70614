"""``Annotations`` and ``Detections``: the boxes of a split as arrays, one row per box."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


class Boxes:
    """The boxes of a split, one row per box.

    Attributes:
        picture: int64 [M], position of the box's picture in the split, ascending.
        boxes: float32 [M, 4], x1, y1, x2 and y2 in pixels of the original picture, whose left and top edges are 0.
        labels: int64 [M], classes from 0; the background has no label.
        pictures: number of pictures in the split, including those without boxes.
    """

    picture: Ints
    boxes: Floats
    labels: Ints
    pictures: int

    def __len__(self) -> int:
        return len(self.labels)

    def rows_of(self, picture: int) -> slice:
        """Return the rows of one picture's boxes."""
        first, last = np.searchsorted(self.picture, [picture, picture + 1])
        return slice(int(first), int(last))

    def check_order(self) -> None:
        """Check boxes that were read from a file.

        Raises:
            ValueError: they are not in the order of their pictures.
        """
        if np.any(np.diff(self.picture, append=self.pictures - 1) < 0):
            raise ValueError("its boxes are not in the order of its pictures")

    @property
    def areas(self) -> Floats:
        """float32 [M], in square pixels; 0 for a box without extent."""
        return areas(self.boxes)


@dataclass(frozen=True, eq=False)
class Annotations(Boxes):
    """Ground truth.

    Attributes:
        difficult: bool [M]; missing such a box is no error, and a detection that matches it is not counted.
    """

    picture: Ints
    boxes: Floats
    labels: Ints
    difficult: Bools
    pictures: int


@dataclass(frozen=True, eq=False)
class Detections(Boxes):
    """Predicted boxes, highest score first within a picture.

    Attributes:
        scores: float32 [M], 0–1.
    """

    picture: Ints
    boxes: Floats
    labels: Ints
    scores: Floats
    pictures: int


_Of = TypeVar("_Of", Annotations, Detections)


def select(boxes: _Of, rows: Ints | Bools) -> _Of:
    """Return only these rows, in their original order; the number of pictures stays."""
    per_row: dict[str, Any] = {name: array[rows] for name, array in vars(boxes).items()
                               if isinstance(array, np.ndarray)}
    return replace(boxes, **per_row)


def relabel(boxes: _Of, labels: Ints) -> _Of:
    """Replace each label l by ``labels[l]``."""
    return replace(boxes, labels=labels[boxes.labels])


def select_pictures(boxes: _Of, pictures: Ints) -> _Of:
    """Return the boxes of these pictures, numbered from 0 in the order given."""
    first, last = np.searchsorted(boxes.picture, [pictures, pictures + 1])
    rows = _concat(map(np.arange, first, last), np.int64)
    numbered = np.repeat(np.arange(len(pictures), dtype=np.int64), last - first)
    return replace(select(boxes, rows), picture=numbered, pictures=len(pictures))


def concat_annotations(pictures: Iterable[tuple[Floats, Ints, Bools]]) -> Annotations:
    """Join per-picture boxes [m, 4], labels [m] and difficult flags [m] into one object."""
    listed = list(pictures)
    return Annotations(*_concat_boxes(listed), _concat((flags for *_, flags in listed), np.bool_), len(listed))


def concat_detections(pictures: Iterable[tuple[Floats, Ints, Floats]]) -> Detections:
    """Join per-picture boxes [m, 4], labels [m] and scores [m], in any order, into one object."""
    orders = [(np.argsort(-scores, kind="stable"), boxes, labels, scores) for boxes, labels, scores in pictures]
    listed = [(boxes[order], labels[order], scores[order]) for order, boxes, labels, scores in orders]
    return Detections(*_concat_boxes(listed), _concat((scores for *_, scores in listed), np.float32), len(listed))


def areas(boxes: Floats) -> Floats:
    """Return the areas of boxes [M, 4] as float32 [M]; 0 for a box without extent."""
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    found: Floats = sides[:, 0] * sides[:, 1]
    return found


def _concat_boxes(pictures: Sequence[tuple[Floats, Ints, Any]]) -> tuple[Ints, Floats, Ints]:
    counts = [len(labels) for _, labels, _ in pictures]
    return (np.repeat(np.arange(len(pictures), dtype=np.int64), counts),
            _concat((boxes.reshape(-1, 4) for boxes, _, _ in pictures), np.float32, 4),
            _concat((labels for _, labels, _ in pictures), np.int64))


def _concat(arrays: Iterable[NDArray[Any]], dtype: type[np.generic], *width: int) -> NDArray[Any]:
    return np.concatenate([np.zeros((0, *width), dtype), *arrays]).astype(dtype)
