"""What a detector's metrics are computed from, and all of them at once."""

from __future__ import annotations

from dataclasses import dataclass, field
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
        matched: by area, the :class:`engine.boxes.weighted.Hits` of each class, where they are known.
    """

    detections: Detections
    truth: Annotations
    matched: dict[Any, list[Any]] = field(default_factory=dict)

    def take(self, pictures: Ints) -> DetectionOutcome:
        """Return the outcome of these pictures, given in ascending order, without matching their boxes again."""
        return DetectionOutcome(select_pictures(self.detections, pictures), select_pictures(self.truth, pictures),
                                {key: [each.take(pictures) for each in hits] for key, hits in self.matched.items()})


def summary(detections: Detections, truth: Annotations) -> dict[str, float]:
    """Return the metrics of :mod:`engine.catalog.metrics` for a split; NaN if undefined."""
    outcome = DetectionOutcome(detections, truth)
    return {key: float(row.evaluate(outcome)) for key, row in computed_metrics("detection").items()}
