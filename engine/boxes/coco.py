"""COCO's metrics of a detector, of all pictures and, by the infinitesimal jackknife, picture by picture."""

from dataclasses import dataclass

import numpy as np

from engine.boxes.curves import rank
from engine.boxes.metrics import OVERLAPS, DetectionOutcome
from engine.boxes.weighted import Hits, Values, class_hits, mean_of_classes

_EVERY = tuple(range(len(OVERLAPS)))


@dataclass(frozen=True)
class _MeanPrecision:
    """Average precision, averaged over classes and IoU thresholds.

    Attributes:
        places: of the thresholds in :data:`engine.boxes.metrics.OVERLAPS`.
        area: of the objects, a key of :data:`engine.boxes.weighted.AREAS`.
    """

    places: tuple[int, ...] = _EVERY
    area: str = "every"

    def __call__(self, outcome: DetectionOutcome) -> float:
        """Return the metric; NaN without objects."""
        one = np.ones((outcome.truth.pictures, 1))
        found = [each.average_precisions(one)[list(self.places)].mean(axis=0) for each in _hits(outcome, self.area)]
        return float(mean_of_classes(np.stack(found))[0])

    def by_picture(self, outcome: DetectionOutcome) -> Values:
        found = [each.influence()[list(self.places)].mean(axis=0) for each in _hits(outcome, self.area)
                 if each.objects.any()]
        return _values(self(outcome), found, outcome)


class _MeanRecall:
    """Share of a class's objects that are found, averaged over classes and IoU thresholds."""

    def __call__(self, outcome: DetectionOutcome) -> float:
        """Return the metric; NaN without objects."""
        found = [np.mean([len(right) for right in each.right]) / each.objects.sum() for each in _hits(outcome, "every")
                 if each.objects.any()]
        return float(np.mean(found)) if found else np.nan

    def by_picture(self, outcome: DetectionOutcome) -> Values:
        found = [each.recall_influence().mean(axis=0) for each in _hits(outcome, "every") if each.objects.any()]
        return _values(self(outcome), found, outcome)


mean_average_precision, precision_at_50, precision_at_75 = _MeanPrecision(), _MeanPrecision((0,)), _MeanPrecision((5,))
precision_of_small, precision_of_medium, precision_of_large = (
    _MeanPrecision(area=area) for area in ("small", "medium", "large"))
recall_at_100 = _MeanRecall()


def _hits(outcome: DetectionOutcome, area: str) -> list[Hits]:
    """Return the matches of an outcome, which keeps them."""
    if area not in outcome.matched:
        classes = int(np.concatenate([outcome.truth.labels, outcome.detections.labels]).max(initial=0)) + 1
        outcome.matched[area] = class_hits(rank(outcome.detections, outcome.truth), classes, area)
    return outcome.matched[area]


def _values(whole: float, influences: list[Values], outcome: DetectionOutcome) -> Values:
    """Return float64 [N], the metric plus N times its derivative by the weight of each picture (Efron, 1982, The
    Jackknife, the Bootstrap and Other Resampling Plans, chapter 6): their mean is the metric, and their variance over N
    that of the metric."""
    pictures = outcome.truth.pictures
    return np.asarray(whole + pictures * np.mean(influences or [np.zeros(pictures)], axis=0))
