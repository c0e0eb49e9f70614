"""Intersection over union of boxes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.detection.boxes import Bools, Floats, areas

Overlaps = NDArray[np.float64]


def iou(boxes: Floats, others: Floats, crowds: Bools | None = None) -> Overlaps:
    """How far each of M boxes overlaps each of N others: float64 [M, N], 0–1, 0 where neither has an area.

    Args:
        boxes: float32 [M, 4].
        others: float32 [N, 4].
        crowds: bool [N]; with such an other, the shared part of the box's own area counts, as in COCO's evaluation.
    """
    shared = intersections(boxes, others)
    own = areas(boxes).astype(np.float64)[:, None]
    union = own + areas(others).astype(np.float64) - shared
    if crowds is not None:
        union = np.where(crowds, own, union)
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def intersections(boxes: Floats, others: Floats) -> Overlaps:
    """float64 [M, N], the area that each of M boxes shares with each of N others."""
    left_top = np.maximum(boxes[:, None, :2], others[None, :, :2])
    right_bottom = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    sides = np.maximum(right_bottom.astype(np.float64) - left_top, 0)
    found: Overlaps = sides[..., 0] * sides[..., 1]
    return found
