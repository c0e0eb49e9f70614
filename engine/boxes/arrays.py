"""``Annotations`` and ``Detections``: the boxes of a split's pictures as arrays, one row a box."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


class Boxes:
    """What the boxes of a split's pictures have in common, one row a box.

    Attributes:
        picture: int64 [M], position of each box's picture in the split, ascending.
        boxes: float32 [M, 4], x1, y1, x2 and y2 in pixels of the original picture, edges at 0 and its sides.
        labels: int64 [M], from 0 up; there is no label for background.
        pictures: how many pictures the split has, also those without a box.
    """

    picture: Ints
    boxes: Floats
    labels: Ints
    pictures: int

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, picture: int) -> slice:
        """The rows of one picture's boxes."""
        first, last = np.searchsorted(self.picture, [picture, picture + 1])
        return slice(int(first), int(last))

    @property
    def areas(self) -> Floats:
        """float32 [M], in square pixels; 0 where a box has no extent."""
        return areas(self.boxes)


@dataclass(frozen=True, eq=False)
class Annotations(Boxes):
    """Ground truth.

    Attributes:
        difficult: bool [M]: such a box need not be found, and what finds it counts neither as right nor as wrong.
    """

    picture: Ints
    boxes: Floats
    labels: Ints
    difficult: Bools
    pictures: int


@dataclass(frozen=True, eq=False)
class Detections(Boxes):
    """What a model said, highest score first within a picture.

    Attributes:
        scores: float32 [M], 0–1.
    """

    picture: Ints
    boxes: Floats
    labels: Ints
    scores: Floats
    pictures: int


_Of = TypeVar("_Of", Annotations, Detections)


def chosen(boxes: _Of, rows: Ints | Bools) -> _Of:
    """Those boxes alone, of the same pictures; ``rows`` must keep their order."""
    per_row: dict[str, Any] = {name: array[rows] for name, array in vars(boxes).items()
                               if isinstance(array, np.ndarray)}
    return replace(boxes, **per_row)


def relabelled(boxes: _Of, labels: Ints) -> _Of:
    """The same with ``labels[l]`` in place of each label l."""
    return replace(boxes, labels=labels[boxes.labels])


def of_pictures(annotations: Annotations, pictures: Ints) -> Annotations:
    """The ground truth of some pictures alone, which are then counted from 0 in the order given."""
    parts = [annotations.of(int(picture)) for picture in pictures]
    return annotations_of((annotations.boxes[part], annotations.labels[part], annotations.difficult[part])
                          for part in parts)


def annotations_of(pictures: Iterable[tuple[Floats, Ints, Bools]]) -> Annotations:
    """The ground truth of a split from that of each picture: boxes [m, 4], labels [m] and difficult [m]."""
    listed = list(pictures)
    return Annotations(*_joined(listed), _concatenated((flags for *_, flags in listed), np.bool_), len(listed))


def detections_of(pictures: Iterable[tuple[Floats, Ints, Floats]]) -> Detections:
    """What was said of a split from what was said of each picture: boxes [m, 4], labels [m] and scores [m], in any
    order."""
    orders = [(np.argsort(-scores, kind="stable"), boxes, labels, scores) for boxes, labels, scores in pictures]
    listed = [(boxes[order], labels[order], scores[order]) for order, boxes, labels, scores in orders]
    return Detections(*_joined(listed), _concatenated((scores for *_, scores in listed), np.float32), len(listed))


def areas(boxes: Floats) -> Floats:
    """float32 [M] of boxes [M, 4]; 0 where a box has no extent."""
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    found: Floats = sides[:, 0] * sides[:, 1]
    return found


def _joined(pictures: Sequence[tuple[Floats, Ints, Any]]) -> tuple[Ints, Floats, Ints]:
    counts = [len(labels) for _, labels, _ in pictures]
    return (np.repeat(np.arange(len(pictures), dtype=np.int64), counts),
            _concatenated((boxes.reshape(-1, 4) for boxes, _, _ in pictures), np.float32, 4),
            _concatenated((labels for _, labels, _ in pictures), np.int64))


def _concatenated(arrays: Iterable[NDArray[Any]], dtype: type[np.generic], *width: int) -> NDArray[Any]:
    return np.concatenate([np.zeros((0, *width), dtype), *arrays]).astype(dtype)
