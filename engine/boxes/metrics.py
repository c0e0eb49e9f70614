"""COCO's metrics of a detector. Imports torchmetrics, which computes them, on first use."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.boxes.arrays import Annotations, Detections
from engine.catalog.metrics import computed_metrics

MAX_DETECTIONS = 100
"""Only this many boxes of each class in a picture are evaluated, highest score first."""

OVERLAPS = np.linspace(0.5, 0.95, 10)
"""The IoU thresholds that COCO's mAP is averaged over."""

RECALLS = np.linspace(0, 1, 101)
"""The recalls at which COCO samples a precision–recall curve."""


@dataclass(frozen=True, eq=False)
class DetectionOutcome:
    """Detections and ground truth, from which a detector's metrics are computed. Difficult objects are COCO's crowds:
    missing one is no error, and detections inside are ignored."""

    detections: Detections
    truth: Annotations

    @cached_property
    def coco(self) -> dict[str, float]:
        """COCO's metrics by torchmetrics' names, as fractions; negative if undefined."""
        import torch
        from torchmetrics.detection import MeanAveragePrecision

        # torchmetrics' own thresholds are rounded to float32, which moves the figures in the fourth digit.
        metric = MeanAveragePrecision(backend="faster_coco_eval", iou_thresholds=OVERLAPS.tolist(),
                                      rec_thresholds=RECALLS.tolist(), max_detection_thresholds=[1, 10, MAX_DETECTIONS])
        metric.warn_on_many_detections = False
        for picture in range(self.truth.pictures):
            found, true = self.detections.rows_of(picture), self.truth.rows_of(picture)
            metric.update([{"boxes": torch.from_numpy(self.detections.boxes[found]),
                            "scores": torch.from_numpy(self.detections.scores[found]),
                            "labels": torch.from_numpy(self.detections.labels[found])}],
                          [{"boxes": torch.from_numpy(self.truth.boxes[true]),
                            "labels": torch.from_numpy(self.truth.labels[true]),
                            "iscrowd": torch.from_numpy(self.truth.difficult[true]).long()}])
        return {name: float(value) for name, value in metric.compute().items() if value.numel() == 1}


def _coco_metric(name: str) -> Callable[[DetectionOutcome], float]:
    def metric(outcome: DetectionOutcome) -> float:
        return outcome.coco[name] if outcome.coco[name] >= 0 else math.nan

    return metric


mean_average_precision, precision_at_50, precision_at_75 = map(_coco_metric, ("map", "map_50", "map_75"))
precision_of_small, precision_of_medium = map(_coco_metric, ("map_small", "map_medium"))
precision_of_large = _coco_metric("map_large")
recall_at_100 = _coco_metric(f"mar_{MAX_DETECTIONS}")


def summary(detections: Detections, truth: Annotations) -> dict[str, float]:
    """Return the metrics of :mod:`engine.catalog.metrics` for a split; NaN if undefined."""
    outcome = DetectionOutcome(detections, truth)
    return {key: float(row.evaluate(outcome)) for key, row in computed_metrics("detection").items()}
