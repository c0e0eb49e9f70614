"""Metrics picture by picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.boxes.predictions import load_predictions as load_boxes
from engine.catalog.metrics import METRICS, computed_metrics
from engine.evaluation.boxes import figures
from engine.evaluation.by_picture import load_picture_values, picture_values
from engine.evaluation.metrics import Predictions, summary
from engine.store import Store
from tests.fake_detections import add_detection_run
from tests.fake_runs import add_run

KEYS = [key for key, row in METRICS.items() if row.by_picture and row.task == "classification"]


def predictions(seed: int = 0, pictures: int = 400, classes: int = 7) -> Predictions:
    random = np.random.default_rng(seed)
    targets = random.integers(0, classes, pictures)
    logits = random.normal(size=(pictures, classes)).astype(np.float32)
    logits[np.arange(pictures), targets] += 1.5
    return Predictions(np.arange(pictures), targets, logits)


@pytest.mark.parametrize("key", KEYS)
def test_their_mean_is_the_metric(key: str) -> None:
    found = picture_values(predictions(), key)
    assert found is not None and len(found) == 400
    assert found.mean() == pytest.approx(summary(predictions())[key], abs=0.01)


@pytest.mark.parametrize("key", KEYS)
def test_their_spread_is_that_of_resampled_pictures(key: str) -> None:
    """The bootstrap over pictures (Efron, 1979) gives the same standard error."""
    whole, random = predictions(), np.random.default_rng(1)
    found = picture_values(whole, key)
    assert found is not None
    resampled = []
    for _ in range(400):
        rows = random.integers(0, 400, 400)
        drawn = Predictions(rows, whole.targets[rows], whole.logits[rows])
        resampled.append(float(METRICS[key].evaluate(drawn)))
    assert found.std(ddof=1) / 20 == pytest.approx(np.std(resampled), rel=0.15)


def test_an_error_is_one_minus_the_hit_and_ece_has_no_pictures() -> None:
    right, wrong = picture_values(predictions(), "top1"), picture_values(predictions(), "top1_error")
    assert right is not None and wrong is not None and (right + wrong == 1).all()
    assert picture_values(predictions(), "ece") is None


def test_every_computed_metric_of_a_classifier_but_calibration_has_pictures() -> None:
    assert computed_metrics("classification").keys() - set(KEYS) == {"ece", "ece_adaptive", "ece_classwise"}


def test_other_pictures_are_another_test_set(home: Path) -> None:
    store = Store.open()
    run = add_run(store)
    test, = store.evaluations.of(run.id)
    elsewhere = replace(test, conditions=replace(test.conditions, dataset="other"))
    mine, same, other = (load_picture_values(run, each, "top1") for each in (test, test, elsewhere))
    assert mine and same and other
    assert mine.test_set == same.test_set != other.test_set
    assert load_picture_values(run, replace(test, predictions=home / "missing.npz"), "top1") is None


def test_a_detectors_are_after_suppression_as_its_metrics(home: Path, scenes: None) -> None:
    store = Store.open()
    run = add_detection_run(store, nms_threshold=0.3)
    test, = store.evaluations.of(run.id)
    found = load_picture_values(run, test, "map50")
    stored = load_boxes(test.predictions)
    assert found is not None
    assert found.values.mean() == pytest.approx(figures(run, stored)["map50"], abs=1e-5)
