"""Score threshold and non-maximum suppression for stored detections."""

import numpy as np

from engine.boxes.arrays import Bools, Detections, select
from engine.boxes.iou import iou


def suppress(detections: Detections, score_threshold: float, nms_threshold: float) -> Detections:
    """Keep detections with at least this score that no better box of their class overlaps by more than
    ``nms_threshold``.

    Equals torchvision's ``batched_nms`` after a score threshold. Stored detections were suppressed at
    :data:`engine.boxes.predictions.HIGHEST_NMS`, so that a higher threshold changes nothing.
    """
    scored = select(detections, detections.scores >= np.float32(score_threshold))
    return select(scored, _unsuppressed(scored, nms_threshold))


def _unsuppressed(detections: Detections, threshold: float) -> Bools:
    keep = np.ones(len(detections), np.bool_)
    for picture in np.unique(detections.picture):
        rows = detections.rows_of(int(picture))
        same = detections.labels[rows, None] == detections.labels[None, rows]
        rivals = np.triu(same & (iou(detections.boxes[rows], detections.boxes[rows]) > threshold), k=1)
        keep[rows] = _greedy(rivals)
    return keep


def _greedy(rivals: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> Bools:
    """Return which boxes stay; ``rivals[i, j]`` means that i, if it stays, removes j, whose score is lower."""
    keep = np.ones(len(rivals), np.bool_)
    for better in np.flatnonzero(rivals.any(axis=1)):
        if keep[better]:
            keep &= ~rivals[better]
    return keep
