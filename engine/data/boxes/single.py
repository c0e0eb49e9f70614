"""A picture that somebody brings, as a data set of its own: nothing is known to be in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.boxes.arrays import annotations_of
from engine.data.boxes.dataset import AnnotatedSplit, DetectionDataset, Written
from engine.data.boxes.files import AnnotatedArray
from engine.data.dataset import Pictures


def of_one_picture(picture: Pictures, name: str, classes: Sequence[str]) -> DetectionDataset:
    """A data set whose test part is one picture, uint8 [H, W, 3], without any box."""
    sizes = np.array([picture.shape[:2]], np.int64)
    nothing = annotations_of([(np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, np.bool_))])
    written = Written(nothing, (name,), np.zeros(0, np.int64), sizes, np.zeros((1, 16), np.uint8))
    split = AnnotatedSplit((name,), sizes, written, AnnotatedArray(picture[None]))
    return DetectionDataset(name=name, classes=tuple(classes), fingerprint="", mean=(), std=(), notes=(), skipped=(),
                            train=split, test=split)
