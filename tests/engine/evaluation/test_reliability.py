"""Calibration errors are what they are defined to be, and are judged by what chance alone would show."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.metrics import Predictions, summary
from engine.evaluation.reliability import (
    describe_calibration,
    expected_calibration_error,
    judge_error,
    reliability,
)


def drawn(count: int, gap: float = 0.0, seed: int = 0, classes: int = 10) -> Predictions:
    """Confidences from 0.5 to 1; each picture is right with its confidence minus ``gap``."""
    random = np.random.default_rng(seed)
    sure = random.uniform(0.5, 1, count)
    targets = random.integers(0, classes, count)
    predicted = np.where(random.random(count) < sure - gap, targets, (targets + 1) % classes)
    probabilities = np.repeat(((1 - sure) / (classes - 1))[:, None], classes, axis=1)
    probabilities[np.arange(count), predicted] = sure
    return Predictions(np.arange(count), targets, np.log(probabilities).astype(np.float32))


def truth(gap: float) -> float:
    """The error in bins of equal width, of very many pictures."""
    return expected_calibration_error(drawn(400_000, gap, seed=99))


def test_bins_of_equal_mass_have_as_many_pictures_each_and_equal_confidences_share_one() -> None:
    found = reliability(drawn(1500), equal_mass=True)
    assert len(found.pictures) == 15 and np.ptp(found.pictures) <= 1 and found.pictures.sum() == 1500
    logits = np.repeat([[8.0, 0.0]], 100, axis=0)
    logits[:10] = [1.0, 0.0]
    tied = reliability(Predictions(np.arange(100), np.zeros(100, np.int64), logits.astype(np.float32)), equal_mass=True)
    assert tied.pictures.sum() == 100 and sorted(tied.pictures[tied.pictures > 0]) == [10, 90]
    same = Predictions(np.arange(5), np.zeros(5, np.int64), np.repeat([[2.0, 0.0]], 5, axis=0).astype(np.float32))
    assert reliability(same, equal_mass=True).pictures.tolist() == [5]


def test_the_error_by_class_is_the_mean_over_classes() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(size=(300, 4)).astype(np.float32)
    predictions = Predictions(np.arange(300), random.integers(0, 4, 300), logits)
    probabilities = np.exp(predictions.log_probabilities)
    errors = []
    for label in range(4):
        place = np.ceil(probabilities[:, label] * 15).astype(int)
        gaps = (predictions.targets == label) - probabilities[:, label]
        errors.append(sum(abs(gaps[place == bin].sum()) for bin in range(1, 16)) / 300)
    assert summary(predictions)["ece_classwise"] == pytest.approx(np.mean(errors))


def test_the_floor_is_what_calibrated_models_show() -> None:
    judged = judge_error(drawn(360))
    others = [expected_calibration_error(drawn(360, seed=seed)) for seed in range(1, 400)]
    assert judged.floor == pytest.approx(np.mean(others), abs=0.003)
    assert judged.ceiling == pytest.approx(np.quantile(others, 0.95), abs=0.005)
    assert 0.04 < judged.floor < 0.05 and judged.is_chance and judged.low == 0
    assert "within chance" in describe_calibration(judged)
    wide = judge_error(drawn(360, 0.2))
    assert not wide.is_chance and wide.low > 0.1 and "more than chance" in describe_calibration(wide)
