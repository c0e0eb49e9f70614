"""COCO's figures of a detector. torchmetrics, which computes them, is imported at the first use."""

from __future__ import annotations

import math

import numpy as np

from engine.boxes.arrays import Annotations, Detections

METRICS: dict[str, str] = {
    "map": "Mean average precision over classes and over ten overlaps from 0.5 to 0.95: COCO's own figure.",
    "map50": "Mean average precision where an overlap (IoU) of 0.5 is enough.",
    "map75": "Mean average precision where an overlap (IoU) of 0.75 is needed: boxes must fit tightly.",
    "map_small": "The first figure for objects of less than 32² square pixels.",
    "map_medium": "The first figure for objects from 32² to 96² square pixels.",
    "map_large": "The first figure for objects of more than 96² square pixels.",
    "mar100": "Share of objects found by the 100 best boxes of a picture; mean over classes and the ten overlaps.",
}
"""What :func:`summary` says, each in one sentence. Sizes are in pixels of the original pictures."""

A_PICTURE = 100
"""So many boxes of each class in a picture are judged, the best ones."""

OVERLAPS = np.linspace(0.5, 0.95, 10)
"""The overlaps (IoU) over which COCO's figure is a mean."""

RECALLS = np.linspace(0, 1, 101)
"""The recalls at which COCO reads a precision–recall curve."""

_THEIRS = {"map50": "map_50", "map75": "map_75", "mar100": f"mar_{A_PICTURE}"}


def summary(detections: Detections, truth: Annotations) -> dict[str, float]:
    """The figures of :data:`METRICS`, fractions of 0–1, as COCO's evaluation computes them; NaN where there is nothing
    to find. Difficult objects count as COCO's crowds: need not be found, and what lies in them is not judged."""
    import torch
    from torchmetrics.detection import MeanAveragePrecision

    # torchmetrics' own thresholds are rounded to float32, which moves the figures in the fourth digit.
    metric = MeanAveragePrecision(backend="faster_coco_eval", iou_thresholds=OVERLAPS.tolist(),
                                  rec_thresholds=RECALLS.tolist(), max_detection_thresholds=[1, 10, A_PICTURE])
    metric.warn_on_many_detections = False
    for picture in range(truth.pictures):
        said, there = detections.of(picture), truth.of(picture)
        metric.update([{"boxes": torch.from_numpy(detections.boxes[said]),
                        "scores": torch.from_numpy(detections.scores[said]),
                        "labels": torch.from_numpy(detections.labels[said])}],
                      [{"boxes": torch.from_numpy(truth.boxes[there]), "labels": torch.from_numpy(truth.labels[there]),
                        "iscrowd": torch.from_numpy(truth.difficult[there]).long()}])
    found = metric.compute()
    return {name: _fraction(float(found[_THEIRS.get(name, name)])) for name in METRICS}


def _fraction(value: float) -> float:
    return value if value >= 0 else math.nan
