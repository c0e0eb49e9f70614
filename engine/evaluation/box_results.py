"""A detector's results at any thresholds, from its stored predictions; no model is loaded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from engine.boxes.arrays import chosen, relabelled
from engine.boxes.confusion import Confusion, confusion, genera
from engine.boxes.curves import Curve, Ranked, ranked
from engine.boxes.iou import Overlaps
from engine.boxes.judging import Judgement, Kind, judge
from engine.boxes.nms import kept
from engine.boxes.predictions import LOWEST_SCORE, BoxPredictions, load_predictions
from engine.evaluation.results import class_names, stored_evaluation
from engine.store import Conditions, Evaluation, Run, Store

_USUAL_SCORE, _USUAL_NMS = 0.5, 0.5
_ROUNDING = 1e-4  # of a float32 score, such as 0.9, in hundredths


class ClassRow(NamedTuple):
    """One class's figures, fractions of 0–1; NaN is what means nothing.

    ``objects`` are to be found, ``boxes`` say it; ``average_precision`` is at the overlap asked for and ``map`` the
    mean over COCO's ten, both of boxes of every score.
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
    """All classes together: of the boxes the share that is right, of the objects the share that is found."""

    precision: float
    recall: float
    f1: float
    boxes: int
    objects: int


@dataclass(frozen=True, eq=False)
class DetectionResults:
    """One evaluation of a detector."""

    classes: tuple[str, ...]
    predictions: BoxPredictions
    evaluation: Evaluation

    @cached_property
    def genera(self) -> tuple[str, ...]:
        """The first words of the class names."""
        return genera(self.classes)[0]

    @property
    def has_genera(self) -> bool:
        """Whether first words put some classes together, and not all of them."""
        return 1 < len(self.genera) < len(self.classes)

    def suppressed(self, nms_threshold: float, by_genus: bool = False) -> Suppressed:
        """The results after suppression at this overlap, within each class; by genus, classes are then put together."""
        detections = kept(self.predictions.detections, LOWEST_SCORE, nms_threshold)
        if not by_genus:
            return Suppressed(self.classes, ranked(detections, self.predictions.truth))
        _, of_class = genera(self.classes)
        return Suppressed(self.genera, ranked(relabelled(detections, of_class),
                                              relabelled(self.predictions.truth, of_class)))


@dataclass(frozen=True, eq=False)
class Suppressed:
    """Results whose score threshold and overlap are still open."""

    classes: tuple[str, ...]
    ranked: Ranked

    @cached_property
    def maps(self) -> Overlaps:
        """Each class's average precision over COCO's ten overlaps: float64 [K], NaN where there is nothing to find."""
        return self.ranked.average_precisions(len(self.classes))

    def best_score(self, overlap: float) -> float:
        """The score threshold, in hundredths, with the highest F1 over all boxes at this overlap; the lowest one that
        is stored where nothing is found."""
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
        """The results of the boxes with that score or more, where an IoU of ``overlap`` makes a box cover an object."""
        said = self.ranked.detections
        judgement = judge(chosen(said, said.scores >= np.float32(score_threshold)), self.ranked.truth, overlap)
        return View(self, score_threshold, overlap, judgement, confusion(judgement, len(self.classes)))


@dataclass(frozen=True, eq=False)
class View:
    """Results at thresholds."""

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
        """Each class's precision–recall curve, of boxes of every score."""
        return self.suppressed.ranked.curves(len(self.classes), self.overlap)

    @property
    def average_precision(self) -> float:
        """Mean of the classes' average precision at this overlap; NaN where there is nothing to find."""
        measured = [curve.average_precision for curve in self.curves if curve.objects]
        return float(np.mean(measured)) if measured else float("nan")

    @cached_property
    def totals(self) -> Totals:
        boxes = int(np.sum(self.judgement.kinds != Kind.NOT_JUDGED))
        objects, found = int(self.confusion.objects.sum()), self.judgement.counts[Kind.FOUND]
        return Totals(*_rates(found, boxes, objects), boxes, objects)

    @cached_property
    def per_class(self) -> list[ClassRow]:
        counts = self.confusion.counts
        rows = []
        for label, name in enumerate(self.classes):
            boxes, objects = int(counts[:, label].sum()), int(self.confusion.objects[label])
            rows.append(ClassRow(name, objects, boxes, *_rates(int(counts[label, label]), boxes, objects),
                                 self.curves[label].average_precision, float(self.suppressed.maps[label])))
        return rows


def own_nms(run: Run) -> float:
    """The overlap at which the run's own figures suppress."""
    return float(run.config.get("nms_threshold", _USUAL_NMS))


def own_score(run: Run) -> float:
    """The score at which the run's boxes are shown at first."""
    return float(run.config.get("score_threshold", _USUAL_SCORE))


def best_view(run: Run, results: DetectionResults, overlap: float = 0.5) -> View:
    """The results at the run's own suppression and the score with the highest F1."""
    suppressed = results.suppressed(own_nms(run))
    return suppressed.at(suppressed.best_score(overlap), overlap)


def load_detection_results(store: Store, run: Run, conditions: Conditions | None = None) -> DetectionResults:
    """The results under these conditions, else those by which the run is judged.

    Raises:
        UserError: it was not evaluated so, or its predictions cannot be read.
    """
    judged = stored_evaluation(store, run, conditions)
    return DetectionResults(class_names(run), load_predictions(judged.predictions), judged)


def _rates(found: int, boxes: int, objects: int) -> tuple[float, float, float]:
    """Precision, recall and F1; NaN where nothing divides."""
    return (found / boxes if boxes else float("nan"), found / objects if objects else float("nan"),
            2 * found / (boxes + objects) if boxes + objects else float("nan"))
