"""Boxes and pictures that are probably annotation mistakes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.boxes.arrays import Annotations, Bools, Ints
from engine.boxes.iou import iou
from engine.data.audits.box_leaks import box_leaks
from engine.data.boxes.dataset import AnnotatedSplit, DetectionDataset

_TINY_PIXELS, _TINY_SHARE = 4.0, 0.005
_WHOLE, _SAME = 0.95, 0.9
_EDGE = 1.0

Rows = tuple[int, ...]
InSplit = list[tuple[int, Rows]]
"""Pictures by position in their split, with the rows of the suspicious boxes."""
Found = list[tuple[str, int, Rows]]
"""The same, with the name of the split."""


@dataclass(frozen=True)
class Suspect:
    """A probable mistake.

    Attributes:
        kind: a key of :data:`KINDS`.
        split: ``train`` or ``test``.
        picture: position in the split.
        rows: the suspicious boxes, as rows of ``written.annotations``; empty: the whole picture.
    """

    kind: str
    split: str
    picture: int
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of probable mistake.

    Attributes:
        title: a few words for the user.
        meaning: why it matters.
        find: returns all cases, training before test.
    """

    title: str
    meaning: str
    find: Callable[[DetectionDataset], Found]


def suspects(dataset: DetectionDataset) -> tuple[Suspect, ...]:
    """Return all probable mistakes, in the order of :data:`KINDS`, training before test."""
    return tuple(Suspect(name, *each) for name, kind in KINDS.items() for each in kind.find(dataset))


def suspect_to_dict(dataset: DetectionDataset, suspect: Suspect) -> dict[str, Any]:
    """Return a suspect as plain data: kind, split, picture position and name, and its boxes with class and file
    position."""
    split = dataset.split(suspect.split)
    boxes = split.written.annotations
    return {"kind": suspect.kind, "split": suspect.split, "picture": suspect.picture,
            "name": split.names[suspect.picture],
            "classes": [dataset.classes[boxes.labels[row]] for row in suspect.rows],
            "boxes": [boxes.boxes[row].tolist() for row in suspect.rows],
            "where": [split.written.where(row) for row in suspect.rows] or [split.written.sources[suspect.picture]]}


def _in_both(find: Callable[[AnnotatedSplit], InSplit]) -> Callable[[DetectionDataset], Found]:
    """Apply a search to training, then to test."""
    return lambda dataset: [(split, *each) for split in ("train", "test") for each in find(dataset.split(split))]


def _each(wrong: Callable[[AnnotatedSplit], Bools]) -> Callable[[DetectionDataset], Found]:
    """Search box by box."""
    return _in_both(lambda split: [(int(split.written.annotations.picture[row]), (int(row),))
                                   for row in np.flatnonzero(wrong(split))])


def _outside(split: AnnotatedSplit) -> Bools:
    boxes, (height, width) = split.written.annotations, _sides(split)
    x1, y1, x2, y2 = boxes.boxes.T
    found: Bools = (x2 <= 0) | (y2 <= 0) | (x1 >= width) | (y1 >= height)
    return found & ~_flat(split)


def _across(split: AnnotatedSplit) -> Bools:
    """Boxes that exceed the picture by more than one pixel, which is only counting from 1."""
    boxes, (height, width) = split.written.annotations, _sides(split)
    x1, y1, x2, y2 = boxes.boxes.T
    found: Bools = (x1 < -_EDGE) | (y1 < -_EDGE) | (x2 > width + _EDGE) | (y2 > height + _EDGE)
    return found & ~_outside(split) & ~_flat(split)


def _flat(split: AnnotatedSplit) -> Bools:
    found: Bools = split.written.annotations.areas <= 0
    return found


def _tiny(split: AnnotatedSplit) -> Bools:
    boxes, sides = split.written.annotations, _sides(split)
    shorter = (boxes.boxes[:, 2:] - boxes.boxes[:, :2]).min(axis=1)
    found: Bools = shorter < np.maximum(_TINY_PIXELS, _TINY_SHARE * sides.max(axis=0))
    return found & ~_flat(split) & ~_outside(split)


def _whole(split: AnnotatedSplit) -> Bools:
    found: Bools = split.written.annotations.areas >= _WHOLE * _sides(split).prod(axis=0)
    return found & ~_outside(split)


def _sides(split: AnnotatedSplit) -> Ints:
    """Return height and width of each annotated box's picture: int64 [2, M]."""
    sides: Ints = split.sizes[split.written.annotations.picture].T
    return sides


def _pairs(split: AnnotatedSplit, *, same_class: bool) -> InSplit:
    """Return pairs of boxes that nearly coincide."""
    boxes = split.written.annotations
    several = np.flatnonzero(np.bincount(boxes.picture, minlength=len(split)) > 1)
    return [(picture, pair) for picture in several.tolist()
            for pair in _pairs_in(boxes, boxes.rows_of(picture), same_class)]


def _pairs_in(boxes: Annotations, rows: slice, same_class: bool) -> list[tuple[int, int]]:
    corners, labels = boxes.boxes[rows], boxes.labels[rows]
    close = np.triu(iou(corners, corners) >= _SAME, 1) & ((labels[:, None] == labels) == same_class)
    return [(rows.start + int(one), rows.start + int(other)) for one, other in np.argwhere(close)]


def _empty(split: AnnotatedSplit) -> InSplit:
    return [(int(picture), ()) for picture in np.flatnonzero(split.without_boxes)]


def _other_size(split: AnnotatedSplit) -> InSplit:
    written = split.written.sizes
    wrong = written.all(axis=1) & (written != split.sizes).any(axis=1)
    return [(int(picture), ()) for picture in np.flatnonzero(wrong)]


def _copies(dataset: DetectionDataset) -> Found:
    """Return pictures whose file equals an earlier one, in training or test."""
    contents = np.concatenate((dataset.train.written.contents, dataset.test.written.contents))
    _, first, which = np.unique(contents, axis=0, return_index=True, return_inverse=True)
    again = np.flatnonzero(first[which.reshape(-1)] != np.arange(len(contents))).tolist()
    count = len(dataset.train)
    return [("train", place, ()) if place < count else ("test", place - count, ()) for place in again]


def _near_copies(dataset: DetectionDataset) -> Found:
    return [("test", leak.test, ()) for leak in box_leaks(dataset).near]


KINDS: dict[str, Kind] = {
    "size": Kind("Wrong size", "The annotation states another picture size than the file has: its boxes may have "
                 "another scale.", _in_both(_other_size)),
    "outside": Kind("Outside", "The box lies outside the picture and is not used.", _each(_outside)),
    "flat": Kind("No extent", "The box has no width or no height and is not used.", _each(_flat)),
    "duplicate": Kind("Twice", "Two boxes of one class coincide: a model that finds the object still misses one box.",
                      _in_both(lambda split: _pairs(split, same_class=True))),
    "contradictory": Kind("Two classes", "Two boxes of different classes coincide: at most one can be right.",
                          _in_both(lambda split: _pairs(split, same_class=False))),
    "tiny": Kind("Tiny", f"A side is shorter than {_TINY_PIXELS:g} pixels, or than {_TINY_SHARE:.1%} of the picture: "
                 "perhaps drawn by accident.", _each(_tiny)),
    "whole": Kind("Whole picture", "The box covers almost the whole picture.", _each(_whole)),
    "edge": Kind("Past the edge", "The box extends beyond the picture and is clipped at its edge.", _each(_across)),
    "empty": Kind("No box", "The picture has no usable box: it shows no object, or was not annotated.",
                  _in_both(_empty)),
    "copy": Kind("Copied picture", "The data set contains the same file twice: a copy in test makes results too "
                 "good.", _copies),
    "leak": Kind("Training picture in test", "The test picture shows the same as a training picture, compressed, "
                 "resized, mirrored, cropped or brightened: it makes results too good.", _near_copies),
}
