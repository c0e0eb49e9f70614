"""Average precision in NumPy is COCO's, class by class."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.boxes.arrays import concat_annotations, concat_detections
from engine.boxes.curves import rank
from engine.boxes.metrics import OVERLAPS, summary
from tests.engine.boxes.scenes import random_boxes, random_detections, random_truth
from tests.engine.boxes.test_metrics import of_coco


@pytest.mark.parametrize("seed", range(3))
def test_curves_are_pycocotools(seed: int) -> None:
    truth = random_truth(seed, pictures=40)
    said = random_detections(truth, seed + 10)
    precision = of_coco(said, truth).eval["precision"][:, :, :, 0, 2]
    found = rank(said, truth)
    for place, overlap in enumerate(OVERLAPS):
        for label, curve in enumerate(found.curves(4, overlap)):
            np.testing.assert_allclose(curve.envelope, precision[place, :, label], atol=1e-9)
    np.testing.assert_allclose(found.average_precisions(4), precision.mean(axis=(0, 1)), atol=1e-9)


def test_no_more_than_a_hundred_of_a_class_in_a_picture_count() -> None:
    rng = np.random.default_rng(0)
    boxes = random_boxes(rng, 200)
    truth = concat_annotations([(boxes, np.zeros(200, np.int64), np.zeros(200, bool))])
    said = concat_detections([(np.concatenate([boxes, boxes]), np.repeat([0, 1], 200),
                               np.linspace(1, .1, 400).astype(np.float32))])
    average, other = rank(said, truth).average_precisions(2)
    assert average == pytest.approx(51 / 101)
    assert math.isnan(other)
    assert summary(said, truth)["map"] == pytest.approx(average, abs=1e-6)


def test_a_curve_by_hand() -> None:
    box = np.array([[0, 0, 10, 10]], np.float32)
    truth = concat_annotations([(np.concatenate([box, box + 50]), np.zeros(2, np.int64), np.zeros(2, bool))])
    said = concat_detections([(np.concatenate([box + 50, box + 20, box]), np.zeros(3, np.int64),
                               np.array([.9, .8, .7], np.float32))])
    curve, = rank(said, truth).curves(1, 0.5)
    np.testing.assert_allclose(curve.recall, [.5, .5, 1])
    np.testing.assert_allclose(curve.precision, [1, .5, 2 / 3])
    assert curve.average_precision == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert curve.at(.8) == (.5, .5)
    assert curve.at(.7) == (1, pytest.approx(2 / 3))
    assert curve.at(.95)[0] == 0 and math.isnan(curve.at(.95)[1])


def test_nothing_said_of_nothing() -> None:
    nothing = np.zeros((0, 4), np.float32), np.zeros(0, np.int64)
    truth = concat_annotations([(*nothing, np.zeros(0, bool))])
    said = concat_detections([(*nothing, np.zeros(0, np.float32))])
    assert np.isnan(rank(said, truth).average_precisions(3)).all()
