"""A detector's results at any thresholds, from stored predictions, without the model."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from engine.boxes.arrays import Bools, relabel, select, select_pictures
from engine.boxes.confusion import Confusion, confusion, genera
from engine.boxes.curves import Curve, RankedDetections, rank
from engine.boxes.iou import Overlaps
from engine.boxes.judging import Judgement, Kind, judge
from engine.boxes.metrics import DetectionOutcome, summary
from engine.boxes.nms import suppress
from engine.boxes.predictions import LOWEST_SCORE, BoxPredictions, load_predictions
from engine.boxes.weighted import SIZES, outside
from engine.evaluation.leaks import leak_remark, leaked
from engine.evaluation.reliability import Reliability, reliability_of_scores
from engine.evaluation.results import class_names, stored_evaluation
from engine.store import Conditions, Evaluation, Run, Store

_USUAL_SCORE, _USUAL_NMS = 0.5, 0.5
_ROUNDING = 1e-4  # rounding error of a float32 score in hundredths


class ClassRow(NamedTuple):
    """One class's metrics, fractions of 0–1; NaN means undefined.

    ``objects`` is the number of objects, ``boxes`` the number of predictions. ``average_precision`` is at one IoU
    threshold, ``map`` the mean over COCO's ten; both use boxes of every score.
    """

    name: str
    objects: int
    boxes: int
    precision: float
    recall: float
    f1: float
    average_precision: float
    map: float


class Totals(NamedTuple):
    """Metrics over all classes together."""

    precision: float
    recall: float
    f1: float
    boxes: int
    objects: int


class SizeCalibration(NamedTuple):
    """Mean score and precision of the boxes of one size, and their calibration error; fractions of 0–1."""

    size: str
    boxes: int
    score: float
    precision: float
    error: float


@dataclass(frozen=True, eq=False)
class DetectionResults:
    """One evaluation of a detector.

    Attributes:
        leaked: positions of test pictures that are known to be among the training pictures.
    """

    classes: tuple[str, ...]
    predictions: BoxPredictions
    evaluation: Evaluation
    leaked: frozenset[int] = frozenset()

    @cached_property
    def without_leaks(self) -> DetectionResults | None:
        """The results without the leaked test pictures; None if there are none, or nothing else."""
        whole = self.predictions
        kept = np.flatnonzero(~np.isin(whole.ids, sorted(self.leaked)))
        if len(kept) in (0, len(whole.ids)):
            return None
        chosen = BoxPredictions(whole.ids[kept], select_pictures(whole.truth, kept),
                                select_pictures(whole.detections, kept))
        return replace(self, predictions=chosen, leaked=frozenset())

    @cached_property
    def genera(self) -> tuple[str, ...]:
        """The distinct first words of the class names."""
        return genera(self.classes)[0]

    @property
    def has_genera(self) -> bool:
        """Whether some, but not all, classes share their first word."""
        return 1 < len(self.genera) < len(self.classes)

    def suppressed(self, nms_threshold: float, by_genus: bool = False) -> Suppressed:
        """Return the results after non-maximum suppression within each class; ``by_genus`` then merges classes by
        genus."""
        detections = suppress(self.predictions.detections, LOWEST_SCORE, nms_threshold)
        if not by_genus:
            return Suppressed(self.classes, rank(detections, self.predictions.truth))
        _, of_class = genera(self.classes)
        return Suppressed(self.genera, rank(relabel(detections, of_class),
                                            relabel(self.predictions.truth, of_class)))


@dataclass(frozen=True, eq=False)
class Suppressed:
    """Results for any score and IoU threshold."""

    classes: tuple[str, ...]
    ranked: RankedDetections

    @cached_property
    def maps(self) -> Overlaps:
        """Average precision of each class over COCO's ten IoU thresholds: float64 [K], NaN without objects."""
        return self.ranked.average_precisions(len(self.classes))

    def best_score(self, overlap: float) -> float:
        """Return the score threshold, in hundredths, with the highest F1 over all boxes; the lowest if nothing is
        found."""
        curves = self.ranked.curves(len(self.classes), overlap)
        scores = np.concatenate([curve.scores for curve in curves])
        order = np.argsort(-scores, kind="stable")
        hits = np.cumsum(np.concatenate([curve.right for curve in curves])[order])
        if not hits.any():
            return LOWEST_SCORE
        f1 = 2 * hits / (np.arange(1, len(hits) + 1) + sum(curve.objects for curve in curves))
        score = float(scores[order][f1.argmax()])
        return max(math.floor(100 * score + _ROUNDING) / 100, LOWEST_SCORE)

    def at(self, score_threshold: float, overlap: float) -> View:
        """Return the results of boxes with at least this score, where a match needs an IoU of ``overlap``."""
        boxes = self.ranked.detections
        judgement = judge(select(boxes, boxes.scores >= np.float32(score_threshold)), self.ranked.truth, overlap)
        return View(self, score_threshold, overlap, judgement, confusion(judgement, len(self.classes)))


@dataclass(frozen=True, eq=False)
class View:
    """Results at given thresholds."""

    suppressed: Suppressed
    score_threshold: float
    overlap: float
    judgement: Judgement
    confusion: Confusion

    @property
    def classes(self) -> tuple[str, ...]:
        return self.suppressed.classes

    @cached_property
    def curves(self) -> list[Curve]:
        """The precision–recall curve of each class, with boxes of every score."""
        return self.suppressed.ranked.curves(len(self.classes), self.overlap)

    @property
    def average_precision(self) -> float:
        """Mean average precision at this IoU threshold; NaN without objects."""
        measured = [curve.average_precision for curve in self.curves if curve.objects]
        return float(np.mean(measured)) if measured else float("nan")

    @cached_property
    def totals(self) -> Totals:
        boxes = int(np.sum(self.judgement.kinds != Kind.NOT_JUDGED))
        objects, found = int(self.confusion.objects.sum()), self.judgement.counts[Kind.FOUND]
        return Totals(*_rates(found, boxes, objects), boxes, objects)

    @cached_property
    def reliability(self) -> Reliability:
        """The share of boxes that found an object, by score. Its error is the D-ECE of scores alone: the gap between
        mean score and precision in 15 bins of equal width (Küppers et al., 2020, arXiv 2004.13546)."""
        return self._reliability(np.ones(len(self.judgement.kinds), np.bool_))

    @cached_property
    def calibration_by_size(self) -> list[SizeCalibration]:
        """The calibration of small, medium and large boxes, without sizes that no box has. The mean of their errors,
        weighted by boxes, is the D-ECE of scores and these three sizes."""
        found = []
        for size in SIZES:
            each = self._reliability(~outside(self.judgement.detections, size))
            boxes = int(each.pictures.sum())
            if boxes:
                score, precision = (float(values @ each.pictures) / boxes
                                    for values in (each.confidence, each.accuracy))
                found.append(SizeCalibration(size, boxes, score, precision, each.error))
        return found

    def _reliability(self, rows: Bools) -> Reliability:
        judged = rows & (self.judgement.kinds != Kind.NOT_JUDGED)
        return reliability_of_scores(self.judgement.detections.scores[judged].astype(np.float64),
                                     (self.judgement.kinds[judged] == Kind.FOUND).astype(np.float64))

    @cached_property
    def per_class(self) -> list[ClassRow]:
        counts = self.confusion.counts
        rows = []
        for label, name in enumerate(self.classes):
            boxes, objects = int(counts[:, label].sum()), int(self.confusion.objects[label])
            rows.append(ClassRow(name, objects, boxes, *_rates(int(counts[label, label]), boxes, objects),
                                 self.curves[label].average_precision, float(self.suppressed.maps[label])))
        return rows


def measured(run: Run, predictions: BoxPredictions) -> DetectionOutcome:
    """Return what the run's metrics are computed from: boxes of every score, after suppression at its NMS threshold."""
    return DetectionOutcome(suppress(predictions.detections, 0.0, own_nms(run)), predictions.truth)


def own_nms(run: Run) -> float:
    """Return the NMS threshold in the run's config."""
    return float(run.config.get("nms_threshold", _USUAL_NMS))


def own_score(run: Run) -> float:
    """Return the score threshold in the run's config."""
    return float(run.config.get("score_threshold", _USUAL_SCORE))


def best_view(run: Run, results: DetectionResults, overlap: float = 0.5) -> View:
    """Return the results at the run's NMS threshold and the score with the highest F1."""
    suppressed = results.suppressed(own_nms(run))
    return suppressed.at(suppressed.best_score(overlap), overlap)


def load_detection_results(store: Store, run: Run, conditions: Conditions | None = None) -> DetectionResults:
    """Load the results under these conditions, else those of the run's main evaluation.

    Raises:
        UserError: there is no such evaluation, or its predictions cannot be read.
    """
    evaluation = stored_evaluation(store, run, conditions)
    return DetectionResults(class_names(run), load_predictions(evaluation.predictions), evaluation,
                            leaked(run, evaluation))


def leak_remarks(run: Run, results: DetectionResults) -> list[str]:
    """Return what the leaked test pictures change, in sentences."""
    rest = results.without_leaks
    if rest is None:
        return []
    found = rest.predictions
    without = summary(suppress(found.detections, 0.0, own_nms(run)), found.truth)["map"]
    return [leak_remark(run.task, len(results.predictions.ids), len(found.ids),
                        results.evaluation.metrics.get("map", math.nan), without)]


def _rates(found: int, boxes: int, objects: int) -> tuple[float, float, float]:
    """Return precision, recall and F1; NaN if undefined."""
    return (found / boxes if boxes else float("nan"), found / objects if objects else float("nan"),
            2 * found / (boxes + objects) if boxes + objects else float("nan"))
