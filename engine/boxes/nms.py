"""Non-maximum suppression and score thresholds of stored detections."""

import numpy as np

from engine.boxes.arrays import Bools, Detections, chosen
from engine.boxes.iou import iou


def kept(detections: Detections, score_threshold: float, nms_threshold: float) -> Detections:
    """Those with at least that score that overlap no better one of their class by more than ``nms_threshold``.

    The same as torchvision's ``batched_nms`` after a threshold. What was suppressed before it was stored stays gone, so
    that a higher threshold than that changes nothing.
    """
    scored = chosen(detections, detections.scores >= np.float32(score_threshold))
    return chosen(scored, _unsuppressed(scored, nms_threshold))


def _unsuppressed(detections: Detections, threshold: float) -> Bools:
    keep = np.ones(len(detections), np.bool_)
    for picture in np.unique(detections.picture):
        rows = detections.of(int(picture))
        same = detections.labels[rows, None] == detections.labels[None, rows]
        rivals = np.triu(same & (iou(detections.boxes[rows], detections.boxes[rows]) > threshold), k=1)
        keep[rows] = _greedy(rivals)
    return keep


def _greedy(rivals: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> Bools:
    """``rivals[i, j]``: j, of a lower score, goes if i stays."""
    keep = np.ones(len(rivals), np.bool_)
    for better in np.flatnonzero(rivals.any(axis=1)):
        if keep[better]:
            keep &= ~rivals[better]
    return keep
