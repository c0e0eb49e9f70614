"""Random ground truth, and detections that resemble it, for what is checked against other implementations."""

from __future__ import annotations

import numpy as np

from engine.boxes.arrays import Annotations, Detections, concat_annotations, concat_detections


def random_boxes(rng: np.random.Generator, count: int, side: float = 200) -> np.ndarray:
    """float32 [count, 4], some tiny, some as large as the picture."""
    sides = np.exp(rng.uniform(np.log(4), np.log(side), (count, 2)))
    corners = rng.uniform(0, side, (count, 2))
    return np.concatenate([corners, corners + sides], axis=1).astype(np.float32)


def random_truth(seed: int = 0, pictures: int = 20, classes: int = 4) -> Annotations:
    """A fifth of the boxes difficult, about one picture in six without a box."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 6, pictures)
    return concat_annotations((random_boxes(rng, count), rng.integers(0, classes, count), rng.random(count) < 0.2)
                              for count in counts)


def random_detections(truth: Annotations, seed: int = 1, classes: int = 4) -> Detections:
    """Some boxes found, moved a little, now and then of another class; some found twice; some that are nowhere."""
    rng = np.random.default_rng(seed)
    said = []
    for picture in range(truth.pictures):
        rows = np.flatnonzero(truth.picture == picture).repeat(2)
        rows = rows[rng.random(len(rows)) < 0.7]
        sides = np.tile(truth.boxes[rows, 2:] - truth.boxes[rows, :2], 2)
        moved = truth.boxes[rows] + (rng.normal(0, 0.06, (len(rows), 4)) * sides).astype(np.float32)
        labels = np.where(rng.random(len(rows)) < 0.8, truth.labels[rows], rng.integers(0, classes, len(rows)))
        ghosts = int(rng.integers(0, 4))
        boxes = np.concatenate([moved, random_boxes(rng, ghosts)])
        scores = rng.uniform(0.01, 0.7, len(boxes)).astype(np.float32)
        scores[:len(rows)] += 0.3
        said.append((boxes, np.concatenate([labels, rng.integers(0, classes, ghosts)]), scores))
    return concat_detections(said)
