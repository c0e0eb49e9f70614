"""Comparing two detectors on the same pictures, by a paired bootstrap over them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from engine.analysis.ensemble import Gain
from engine.analysis.slices import LEAST, Change
from engine.boxes.arrays import Ints
from engine.boxes.curves import RankedDetections
from engine.boxes.weighted import SIZES, Hits, Values, class_hits, mean_of_classes
from engine.errors import UserError
from engine.evaluation.box_results import DetectionResults, own_nms
from engine.store import Run

RESAMPLES = 1000
_LEVEL = 0.95
_BLOCK = 100
SIZE_OF_OBJECTS, CLASS_OF_OBJECTS = "objects", "class"


@dataclass(frozen=True)
class BoxComparison:
    """The changes from detector a to detector b.

    Attributes:
        pictures: number of pictures.
        map, map50: the change of both metrics, of all pictures, with their p in :class:`Change`.
        parts: of each size of objects and of each class: the change of mAP, not corrected yet. Those in fewer than
            :data:`engine.analysis.slices.LEAST` pictures are not tested.
    """

    pictures: int
    map: Change
    map50: Change
    parts: tuple[Change, ...]

    @property
    def gain(self) -> Gain:
        """The change of mAP."""
        return Gain(self.map.change, self.map.low, self.map.high, _LEVEL)


def compare_boxes(runs: Sequence[Run], results: Sequence[DetectionResults],
                  resamples: int = RESAMPLES) -> BoxComparison:
    """Compare two evaluations of detectors, each suppressed at its run's own NMS threshold.

    Detections are matched once; a resample draws pictures with replacement and weighs their boxes (Efron, 1979), the
    same pictures for both. Intervals are percentiles; p is of Student's t, the change over its standard error in the
    resamples, with a degree of freedom less than there are pictures with such objects.

    Raises:
        UserError: they have different pictures or classes, or none.
    """
    a, b = results
    if not len(a.predictions.ids) or a.classes != b.classes or a.predictions.places != b.predictions.places:
        raise UserError("compare: the two checkpoints were tested on different pictures")
    before, after = (_Parts.of(each.suppressed(own_nms(run)).ranked, len(a.classes))
                     for run, each in zip(runs, results, strict=True))
    pictures = len(a.predictions.ids)
    first, last = (each.precisions(np.ones((pictures, 1)))[:, 0] for each in (before, after))
    random = np.random.default_rng(0)
    blocks = []
    for _ in range(0, resamples, _BLOCK):
        weights = random.multinomial(pictures, np.full(pictures, 1 / pictures), size=_BLOCK).T.astype(np.float64)
        blocks.append(after.precisions(weights) - before.precisions(weights))
    titles = [("", "mAP"), ("", "mAP@50"), *((SIZE_OF_OBJECTS, size) for size in SIZES),
              *((CLASS_OF_OBJECTS, name) for name in a.classes)]
    changes = [_change(*title, *figures) for title, *figures in zip(
        titles, before.objects, before.spread, first, last, np.concatenate(blocks, axis=1), strict=True)]
    return BoxComparison(pictures, changes[0], changes[1], tuple(change for change in changes[2:] if change.size))


@dataclass(frozen=True, eq=False)
class _Parts:
    """A detector's matches: of all objects by class, and of each size of objects by class."""

    every: list[Hits]
    sizes: list[list[Hits]]

    @classmethod
    def of(cls, ranked: RankedDetections, classes: int) -> "_Parts":
        return cls(class_hits(ranked, classes), [class_hits(ranked, classes, size) for size in SIZES])

    def precisions(self, weights: Values) -> Values:
        """Return mAP, mAP@50, mAP of each size, and of each class: float64 [parts, B]."""
        by_class = np.stack([each.average_precisions(weights) for each in self.every])
        sizes = [mean_of_classes(np.stack([each.average_precisions(weights).mean(axis=0) for each in size]))
                 for size in self.sizes]
        whole = by_class.mean(axis=1)
        return np.stack([mean_of_classes(whole), mean_of_classes(by_class[:, 0]), *sizes, *whole])

    @property
    def objects(self) -> list[int]:
        return [int(each.sum()) for each in self._by_picture]

    @property
    def spread(self) -> list[int]:
        """Number of pictures with such objects."""
        return [int((each > 0).sum()) for each in self._by_picture]

    @property
    def _by_picture(self) -> list[Ints]:
        whole, *sizes = (np.sum([each.objects for each in size], axis=0) for size in (self.every, *self.sizes))
        return [whole, whole, *sizes, *(each.objects for each in self.every)]


def _change(slicing: str, group: str, objects: int, pictures: int, before: float, after: float,
            resampled: Values) -> Change:
    drawn = resampled[~np.isnan(resampled)]
    if pictures < LEAST or not len(drawn):
        return Change(slicing, group, objects, before, after, math.nan, math.nan, math.nan)
    low, high = np.quantile(drawn, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    error = float(drawn.std(ddof=1))
    p = 2 * float(stdtr(pictures - 1, -abs(after - before) / error)) if error > 0 else 1.0
    return Change(slicing, group, objects, before, after, float(low), float(high), p)
