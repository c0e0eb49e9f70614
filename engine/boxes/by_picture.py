"""COCO's metrics of a detector picture by picture, by the infinitesimal jackknife."""

from collections.abc import Callable

import numpy as np

from engine.boxes.curves import rank
from engine.boxes.metrics import OVERLAPS, DetectionOutcome
from engine.boxes.weighted import Hits, Values, class_hits, mean_of_classes

_Pictures = Callable[[DetectionOutcome], Values]
_EVERY = tuple(OVERLAPS.tolist())


def _mean_precision(*overlaps: float, area: str = "every") -> _Pictures:
    def values(outcome: DetectionOutcome) -> Values:
        hits = _hits(outcome, area, overlaps)
        whole = mean_of_classes(np.stack([each.average_precisions(np.ones((len(each.objects), 1))) for each in hits]))
        return _values(float(whole.mean()), [each.influence().mean(axis=0) for each in hits if each.objects.any()],
                       outcome)

    return values


mean_average_precision = _mean_precision(*_EVERY)
precision_at_50, precision_at_75 = _mean_precision(0.5), _mean_precision(0.75)
precision_of_small, precision_of_medium, precision_of_large = (
    _mean_precision(*_EVERY, area=area) for area in ("small", "medium", "large"))


def recall_at_100(outcome: DetectionOutcome) -> Values:
    hits = [each for each in _hits(outcome, "every", _EVERY) if each.objects.any()]
    recalls = [np.mean([len(right) for right in each.right]) / each.objects.sum() for each in hits]
    return _values(float(np.mean(recalls)) if hits else np.nan,
                   [each.recall_influence().mean(axis=0) for each in hits], outcome)


def _hits(outcome: DetectionOutcome, area: str, overlaps: tuple[float, ...]) -> list[Hits]:
    if (area, overlaps) not in outcome.matched:
        classes = int(np.concatenate([outcome.truth.labels, outcome.detections.labels]).max(initial=0)) + 1
        outcome.matched[area, overlaps] = class_hits(rank(outcome.detections, outcome.truth), classes, area, overlaps)
    return outcome.matched[area, overlaps]


def _values(whole: float, influences: list[Values], outcome: DetectionOutcome) -> Values:
    """Return float64 [N], the metric plus N times its derivative by the weight of each picture (Efron, 1982, The
    Jackknife, the Bootstrap and Other Resampling Plans, chapter 6): their mean is the metric, and their variance over N
    that of the metric."""
    pictures = outcome.truth.pictures
    return np.asarray(whole + pictures * np.mean(influences or [np.zeros(pictures)], axis=0))
