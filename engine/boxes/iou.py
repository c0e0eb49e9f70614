"""Intersection over union of boxes."""

import numpy as np
from numpy.typing import NDArray

from engine.boxes.arrays import Bools, Floats

Overlaps = NDArray[np.float64]


def iou(boxes: Floats, others: Floats) -> Overlaps:
    """Return the IoU of each of M boxes with each of N others: float64 [M, N], 0–1, 0 where neither has an area.

    Args:
        boxes: float32 [M, 4].
        others: float32 [N, 4].
    """
    return iou_of_pairs(boxes[:, None], others[None])


def iou_of_pairs(boxes: Floats, others: Floats, crowds: Bools | None = None) -> Overlaps:
    """Return the IoU of boxes [..., 4] and others [..., 4], pair by pair: float64 [...], 0–1.

    Args:
        crowds: bool [...]; for a crowd the overlap is divided by the box's own area, as in COCO's evaluation.
    """
    shared = _area(np.maximum(boxes[..., :2], others[..., :2]), np.minimum(boxes[..., 2:], others[..., 2:]))
    own, theirs = _area(boxes[..., :2], boxes[..., 2:]), _area(others[..., :2], others[..., 2:])
    union = own + theirs - shared
    if crowds is not None:
        union = np.where(crowds, own, union)
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def _area(left_top: Floats, right_bottom: Floats) -> Overlaps:
    sides = np.maximum(right_bottom.astype(np.float64) - left_top, 0)
    area: Overlaps = sides[..., 0] * sides[..., 1]
    return area
