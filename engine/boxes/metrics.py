"""COCO's figures of a detector. torchmetrics, which computes them, is imported at the first use."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.boxes.arrays import Annotations, Detections
from engine.catalog.metrics import computed

A_PICTURE = 100
"""So many boxes of each class in a picture are judged, the best ones."""

OVERLAPS = np.linspace(0.5, 0.95, 10)
"""The overlaps (IoU) over which COCO's figure is a mean."""

RECALLS = np.linspace(0, 1, 101)
"""The recalls at which COCO reads a precision–recall curve."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What a detector's metrics are computed of: its boxes, and those that are there.

    Difficult objects count as COCO's crowds: need not be found, and what lies in them is not judged.
    """

    detections: Detections
    truth: Annotations

    @cached_property
    def coco(self) -> dict[str, float]:
        """COCO's figures by torchmetrics' names, fractions of 0–1; negative where there is nothing to find."""
        import torch
        from torchmetrics.detection import MeanAveragePrecision

        # torchmetrics' own thresholds are rounded to float32, which moves the figures in the fourth digit.
        metric = MeanAveragePrecision(backend="faster_coco_eval", iou_thresholds=OVERLAPS.tolist(),
                                      rec_thresholds=RECALLS.tolist(), max_detection_thresholds=[1, 10, A_PICTURE])
        metric.warn_on_many_detections = False
        for picture in range(self.truth.pictures):
            said, there = self.detections.of(picture), self.truth.of(picture)
            metric.update([{"boxes": torch.from_numpy(self.detections.boxes[said]),
                            "scores": torch.from_numpy(self.detections.scores[said]),
                            "labels": torch.from_numpy(self.detections.labels[said])}],
                          [{"boxes": torch.from_numpy(self.truth.boxes[there]),
                            "labels": torch.from_numpy(self.truth.labels[there]),
                            "iscrowd": torch.from_numpy(self.truth.difficult[there]).long()}])
        return {name: float(value) for name, value in metric.compute().items() if value.numel() == 1}


def _of_coco(name: str) -> Callable[[Judged], float]:
    def figure(judged: Judged) -> float:
        return judged.coco[name] if judged.coco[name] >= 0 else math.nan

    return figure


mean_average_precision, precision_at_50, precision_at_75 = map(_of_coco, ("map", "map_50", "map_75"))
precision_of_small, precision_of_medium, precision_of_large = map(_of_coco, ("map_small", "map_medium", "map_large"))
recall_at_100 = _of_coco(f"mar_{A_PICTURE}")


def summary(detections: Detections, truth: Annotations) -> dict[str, float]:
    """The metrics of :mod:`engine.catalog.metrics` for a split; NaN where there is nothing to find."""
    judged = Judged(detections, truth)
    return {key: float(row.of(judged)) for key, row in computed("detection").items()}
