"""A detector's metrics picture by picture: their mean is the metric, their spread that of resampled pictures."""

from __future__ import annotations

import numpy as np
import pytest

from engine.boxes.curves import rank
from engine.boxes.metrics import DetectionOutcome, summary
from engine.boxes.weighted import SIZES, class_hits, mean_of_classes
from engine.catalog.metrics import computed_metrics
from engine.evaluation.by_picture import picture_values
from tests.engine.boxes.scenes import random_detections, random_truth

KEYS = list(computed_metrics("detection"))
SIZE = {f"map_{size}": size for size in SIZES}


def outcome(seed: int = 0, pictures: int = 200) -> DetectionOutcome:
    truth = random_truth(seed, pictures)
    return DetectionOutcome(random_detections(truth, seed + 1), truth)


@pytest.mark.parametrize("key", KEYS)
def test_their_mean_is_the_metric(key: str) -> None:
    made = outcome()
    found = picture_values(made, key)
    assert found is not None and len(found) == 200
    assert found.mean() == pytest.approx(summary(made.detections, made.truth)[key], abs=1e-6)


@pytest.mark.parametrize("key", [key for key in KEYS if key != "mar100"])
def test_their_standard_error_is_that_of_the_bootstrap(key: str) -> None:
    """In the mean of six sets of 300 pictures, within a tenth (Efron, 1979)."""
    jackknife, bootstrap = [], []
    for seed in range(6):
        made = outcome(seed, 300)
        found = picture_values(made, key)
        assert found is not None
        jackknife.append(found.std(ddof=1) / 300**0.5)
        hits = class_hits(rank(made.detections, made.truth), 4, SIZE.get(key, "every"))
        weights = np.random.default_rng(seed).multinomial(300, np.full(300, 1 / 300), size=400).T.astype(np.float64)
        chosen = {"map50": [0], "map75": [5]}.get(key, list(range(10)))
        each = np.stack([one.average_precisions(weights)[chosen].mean(axis=0) for one in hits])
        bootstrap.append(mean_of_classes(each).std(ddof=1))
    assert np.mean(jackknife) == pytest.approx(np.mean(bootstrap), rel=0.1)


def test_slices_of_an_outcome_are_not_matched_again() -> None:
    made = outcome()
    picture_values(made, "map")
    taken = made.take(np.arange(50, 150))
    alone = DetectionOutcome(taken.detections, taken.truth)
    assert taken.matched.keys() == made.matched.keys() and not alone.matched
    np.testing.assert_allclose(picture_values(taken, "map"), picture_values(alone, "map"))


def test_without_objects_nothing_is_known() -> None:
    empty = outcome().take(np.flatnonzero(np.bincount(outcome().truth.picture, minlength=200) == 0))
    values = picture_values(empty, "map")
    assert values is not None and np.isnan(values).all()
