"""Comparing two runs on the same pictures with any number of classes, by their values of single pictures."""

from dataclasses import dataclass

import numpy as np

from engine.analysis.ensemble import Gain
from engine.analysis.slices import LEAST, Change, paired
from engine.catalog.metrics import METRICS
from engine.errors import UserError
from engine.evaluation.by_picture import picture_values
from engine.evaluation.label_results import LabelResults
from engine.evaluation.slices import CLASS
from engine.labels.metrics import average_precisions
from engine.labels.ranking import Floats, influence

COMPARED = ("label_map", "label_f1", "label_f1_micro", "exact_match")
"""Metrics of all pictures whose change is told; the first decides."""
_LEVEL = 0.95


@dataclass(frozen=True)
class LabelComparison:
    """The changes from one run to another.

    Attributes:
        pictures: number of pictures.
        whole: the change of each metric of :data:`COMPARED` that is defined, with the paired t test.
        classes: the change of each class's average precision, not corrected yet; one with fewer pictures than
            :data:`engine.analysis.slices.LEAST` is not tested.
        fixed, broken: errors in pairs of a picture and a class that only one of the two makes.
    """

    pictures: int
    whole: tuple[Change, ...]
    classes: tuple[Change, ...]
    fixed: int
    broken: int

    @property
    def gain(self) -> Gain:
        """The change of the first metric."""
        first = self.whole[0]
        return Gain(first.change, first.low, first.high, _LEVEL)


def compare_labels(a: LabelResults, b: LabelResults) -> LabelComparison:
    """Compare two evaluations, each at its own thresholds.

    Raises:
        UserError: they have different pictures or classes, or no class occurs.
    """
    before, after = a.predictions, b.predictions
    if not len(before.ids) or a.classes != b.classes or before.places != after.places:
        raise UserError("compare: the two checkpoints were tested on different pictures")
    if not before.targets.any():
        raise UserError("compare: no test picture has a class")
    pictures = len(before.ids)
    whole = [_change("", METRICS[key].heading, pictures, float(METRICS[key].evaluate(before)),
                     float(METRICS[key].evaluate(after)), picture_values(before, key), picture_values(after, key))
             for key in COMPARED]
    wrong_before, wrong_after = before.wrong, after.wrong
    return LabelComparison(pictures, tuple(whole), tuple(_class_changes(a, b)),
                           int((wrong_before & ~wrong_after).sum()), int((~wrong_before & wrong_after).sum()))


def _class_changes(a: LabelResults, b: LabelResults) -> list[Change]:
    precisions = average_precisions(a.predictions), average_precisions(b.predictions)
    found = []
    for label, name in enumerate(a.classes):
        right = a.predictions.targets[:, label] > 0
        if right.any():
            before, after = (float(each[label]) for each in precisions)
            first, last = (value + len(right) * influence(right, each.predictions.logits[:, label])
                           for value, each in ((before, a), (after, b)))
            found.append(_change(CLASS, name, int(right.sum()), before, after, first, last))
    return found


def _change(slicing: str, group: str, size: int, before: float, after: float, first: Floats | None,
            last: Floats | None) -> Change:
    low, high, p = paired(first, last) if size >= LEAST and first is not None and last is not None else (np.nan,) * 3
    return Change(slicing, group, size, before, after, low, high, p)
