from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np
import pytest

from engine.boxes.arrays import concat_annotations
from engine.boxes.judging import Kind
from engine.boxes.metrics import summary
from engine.boxes.predictions import BoxPredictions, save_predictions
from engine.config import parse_config
from engine.errors import UserError
from engine.evaluation.box_results import DetectionResults, load_detection_results
from engine.store import Conditions, Evaluation, Store
from tests.engine.boxes.drawn import CLASSES, drawn_detections, drawn_truth
from tests.engine.boxes.scenes import random_detections, random_truth

EVALUATION = Evaluation(1, Conditions(), {}, Path(), "", 0)


def results_of(seed: int = 0, pictures: int = 40) -> DetectionResults:
    truth = random_truth(seed, pictures)
    predictions = BoxPredictions(np.arange(pictures), truth, random_detections(truth, seed + 1))
    return DetectionResults(("a x", "a y", "b", "c"), predictions, EVALUATION)


def test_figures_at_thresholds_as_drawn() -> None:
    drawn = BoxPredictions(np.arange(2), drawn_truth(), drawn_detections())
    results = DetectionResults(CLASSES, drawn, EVALUATION)
    view = results.suppressed(0.9).at(0.1, 0.5)
    assert view.totals == pytest.approx((1 / 7, 1 / 4, 2 / 11, 7, 4))
    assert [row.boxes for row in view.per_class] == [4, 1, 2]
    assert view.per_class[0][:6] == pytest.approx(("Navicula lanceolata", 2, 4, 1 / 4, 1 / 2, 1 / 3))
    assert math.isnan(view.per_class[2].recall) and view.per_class[2].precision == 0
    surer = results.suppressed(0.9).at(0.85, 0.5)
    assert surer.totals[:2] == (1, 1 / 4)
    assert surer.average_precision == view.average_precision
    assert results.has_genera and results.suppressed(0.9, by_genus=True).classes == ("Navicula", "Diatoma")
    assert results.suppressed(0.9, by_genus=True).at(0.1, 0.5).judgement.counts[Kind.FOUND] == 2


def test_a_duplicate_is_gone_after_stronger_suppression() -> None:
    drawn = BoxPredictions(np.arange(2), drawn_truth(), drawn_detections())
    results = DetectionResults(CLASSES, drawn, EVALUATION)
    counts = results.suppressed(0.5).at(0, 0.5).judgement.counts
    assert counts[Kind.DUPLICATE] == 0 and counts[Kind.FOUND] == 1
    assert results.suppressed(0.95).at(0, 0.5).judgement.counts[Kind.DUPLICATE] == 1


@pytest.mark.parametrize("nms", [0.3, 0.6])
def test_figures_are_those_of_the_evaluator_at_any_suppression(nms: float) -> None:
    results = results_of()
    suppressed = results.suppressed(nms)
    theirs = summary(suppressed.ranked.detections, results.predictions.truth)
    assert np.nanmean(suppressed.maps) == pytest.approx(theirs["map"], abs=1e-6)
    assert suppressed.at(0.5, 0.5).average_precision == pytest.approx(theirs["map50"], abs=1e-6)
    assert suppressed.at(0.5, 0.75).average_precision == pytest.approx(theirs["map75"], abs=1e-6)


def test_the_best_score_has_the_highest_f1() -> None:
    suppressed = results_of().suppressed(0.5)
    best = suppressed.best_score(0.5)
    f1 = {score: suppressed.at(score / 100, 0.5).totals.f1 for score in range(1, 100)}
    assert 0.1 < best < 0.9
    assert f1[round(100 * best)] >= max(f1.values()) - 0.01
    assert results_of().suppressed(0.5).best_score(0.999) == 0.01


def test_nothing_to_find() -> None:
    nothing = np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, bool)
    drawn = BoxPredictions(np.arange(2), concat_annotations([nothing, nothing]), drawn_detections())
    view = DetectionResults(CLASSES, drawn, EVALUATION).suppressed(0.5).at(0.1, 0.5)
    assert math.isnan(view.average_precision) and math.isnan(view.totals.recall)
    assert view.judgement.counts[Kind.GHOST] == view.totals.boxes


def test_stored_results_are_loaded(home: Path) -> None:
    store = Store.open()
    run = store.runs.create(parse_config({"name": "young"}), environment={}, git_commit=None, git_dirty=False)
    with pytest.raises(UserError, match="has no results yet"):
        load_detection_results(store, run)
    drawn = BoxPredictions(np.arange(2), drawn_truth(), drawn_detections())
    path = run.folder / "predictions-best-test.npz"
    store.evaluations.add(run.id, "best", "test", {"map": 0.5}, path, save_predictions(path, drawn))
    store.runs.update(run.id, resolved={"class_names": CLASSES})
    found = load_detection_results(store, store.runs.get(run.id))
    assert found.classes == CLASSES
    assert len(found.predictions.detections) == len(drawn.detections)


def test_moving_a_threshold_is_quick() -> None:
    """As many pictures and boxes as a real test set has; a generous bound for a busy machine."""
    results = results_of(pictures=440)
    many = results.predictions.detections
    assert len(many) > 1500
    suppressed = results.suppressed(0.5)
    started = time.process_time()
    suppressed.at(0.5, 0.5).totals  # noqa: B018
    assert time.process_time() - started < 0.5


def test_calibration_is_the_gap_of_score_and_precision_in_each_bin_and_size() -> None:
    view = results_of().suppressed(0.5).at(0.3, 0.5)
    judged = view.judgement.kinds != Kind.NOT_JUDGED
    scores, right = view.judgement.detections.scores[judged], view.judgement.kinds[judged] == Kind.FOUND
    bins = np.minimum(np.ceil(scores.astype(np.float64) * 15).astype(int), 15)
    gaps = [abs(scores[bins == each].astype(np.float64).sum() - right[bins == each].sum()) for each in range(16)]
    assert view.reliability.error == pytest.approx(sum(gaps) / len(scores), abs=1e-6) and sum(gaps) > 1
    sizes = view.calibration_by_size
    assert [row.size for row in sizes] == ["small", "medium", "large"]
    assert sum(row.boxes for row in sizes) == len(scores)
    assert sum(row.boxes * row.precision for row in sizes) == pytest.approx(right.sum())
    assert sum(row.boxes * row.error for row in sizes) >= sum(gaps) - 1e-6
    assert results_of().suppressed(0.5).at(1.0, 0.5).calibration_by_size == []
