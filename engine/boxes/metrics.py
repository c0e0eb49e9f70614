"""COCO's metrics of a detector. Imports faster-coco-eval, which computes them, on first use."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from engine.boxes.arrays import Annotations, Detections, Ints, select_pictures
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
    missing one is no error, and detections inside are ignored.

    Attributes:
        matched: what :mod:`engine.boxes.by_picture` has matched already, lists of :class:`engine.boxes.weighted.Hits`.
    """

    detections: Detections
    truth: Annotations
    matched: dict[Any, list[Any]] = field(default_factory=dict)

    def take(self, pictures: Ints) -> DetectionOutcome:
        """Return the outcome of these pictures, given in ascending order, without matching their boxes again."""
        return DetectionOutcome(select_pictures(self.detections, pictures), select_pictures(self.truth, pictures),
                                {key: [each.take(pictures) for each in hits] for key, hits in self.matched.items()})

    @cached_property
    def coco(self) -> dict[str, float]:
        """COCO's metrics by the evaluator's names, as fractions; negative if undefined."""
        from faster_coco_eval import COCO, COCOeval_faster

        annotations = [{**box, "id": place, "area": math.prod(box["bbox"][2:]), "iscrowd": int(crowd)} for place, (
            box, crowd) in enumerate(zip(_rows(self.truth), self.truth.difficult, strict=True), start=1)]
        labels = np.union1d(self.truth.labels, self.detections.labels).tolist()
        truth = COCO({"images": [{"id": picture} for picture in range(self.truth.pictures)],
                      "categories": [{"id": label} for label in labels], "annotations": annotations})
        found = truth.loadRes([{**box, "score": score} for box, score in zip(
            _rows(self.detections), self.detections.scores.tolist(), strict=True)])
        evaluation = COCOeval_faster(truth, found, "bbox")
        evaluation.run()
        return {name: float(value) for name, value in evaluation.stats_as_dict.items()}


def _rows(boxes: Annotations | Detections) -> list[dict[str, Any]]:
    """Return each box in COCO's form: its corner, width and height."""
    sides = boxes.boxes[:, 2:] - boxes.boxes[:, :2]
    return [{"image_id": picture, "category_id": label, "bbox": box} for picture, label, box in zip(
        boxes.picture.tolist(), boxes.labels.tolist(), np.hstack([boxes.boxes[:, :2], sides]).tolist(), strict=True)]


def _coco_metric(name: str) -> Callable[[DetectionOutcome], float]:
    def metric(outcome: DetectionOutcome) -> float:
        return outcome.coco[name] if outcome.coco[name] >= 0 else math.nan

    return metric


mean_average_precision, precision_at_50, precision_at_75 = map(_coco_metric, ("AP_all", "AP_50", "AP_75"))
precision_of_small, precision_of_medium = map(_coco_metric, ("AP_small", "AP_medium"))
precision_of_large, recall_at_100 = map(_coco_metric, ("AP_large", "AR_third"))


def summary(detections: Detections, truth: Annotations) -> dict[str, float]:
    """Return the metrics of :mod:`engine.catalog.metrics` for a split; NaN if undefined."""
    outcome = DetectionOutcome(detections, truth)
    return {key: float(row.evaluate(outcome)) for key, row in computed_metrics("detection").items()}
