"""Metrics of pictures with several classes, against scikit-learn and against weights that are really changed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics as sklearn

from engine.catalog.metrics import METRICS
from engine.evaluation.by_picture import picture_values
from engine.labels import metrics
from engine.labels.predictions import LabelPredictions, load_predictions, save_predictions
from engine.labels.ranking import average_precision, influence
from engine.labels.thresholds import UNDECIDED, best_thresholds
from tests.engine.labels.made import made_predictions

KEYS = ("label_map", "label_map_micro", "label_f1", "label_f1_micro", "label_precision", "label_recall", "exact_match",
        "hamming_loss", "label_loss")


def _sklearn(found: LabelPredictions) -> dict[str, float]:
    truth, predicted, scores = found.targets, found.predicted.astype(int), found.probabilities
    ratios = {"zero_division": np.nan}
    return {
        "label_map": sklearn.average_precision_score(truth, scores, average="macro"),
        "label_map_micro": sklearn.average_precision_score(truth, scores, average="micro"),
        "label_f1": sklearn.f1_score(truth, predicted, average="macro", **ratios),
        "label_f1_micro": sklearn.f1_score(truth, predicted, average="micro", **ratios),
        "label_precision": sklearn.precision_score(truth, predicted, average="macro", **ratios),
        "label_recall": sklearn.recall_score(truth, predicted, average="macro", **ratios),
        "exact_match": sklearn.accuracy_score(truth, predicted),
        "hamming_loss": sklearn.hamming_loss(truth, predicted),
        "label_loss": np.mean([sklearn.log_loss(truth[:, k], scores[:, k], labels=[0, 1])
                               for k in range(found.classes)]),
    }


@pytest.mark.parametrize("seed", range(4))
def test_every_metric_is_that_of_scikit_learn(seed: int) -> None:
    found = made_predictions(seed=seed, ties=seed % 2 == 1)
    assert {key: METRICS[key].evaluate(found) for key in KEYS} == pytest.approx(_sklearn(found))


def test_a_class_that_no_picture_has_is_undefined_and_left_out_of_the_mean() -> None:
    found = made_predictions(absent=(1,))
    of_classes = metrics.average_precisions(found)
    assert np.isnan(of_classes).tolist() == [False, True, False, False, False]
    assert metrics.mean_average_precision(found) == pytest.approx(of_classes[[0, 2, 3, 4]].mean())
    assert metrics.remarks(found, "abcde") == [
        "No picture has b: the average precision is undefined there and left out of the mean."]


def test_without_any_class_there_is_no_figure_and_no_warning() -> None:
    found = made_predictions(absent=tuple(range(5)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(metrics.mean_average_precision(found)) and np.isnan(metrics.micro_average_precision(found))


@pytest.mark.parametrize("key", KEYS)
def test_the_values_of_pictures_have_the_metric_as_their_mean_and_its_derivatives(key: str) -> None:
    found = made_predictions(pictures=300, ties=True)
    values = picture_values(found, key)
    assert values is not None and values.mean() == pytest.approx(METRICS[key].evaluate(found))
    twice = [np.append(np.arange(300), place) for place in (0, 17, 150)]
    moved = [METRICS[key].evaluate(found.take(rows)) - METRICS[key].evaluate(found) for rows in twice]
    linear = [(values[rows[-1]] - values.mean()) / 300 for rows in twice]
    assert moved == pytest.approx(linear, abs=3e-4) and max(map(abs, moved)) > 1e-5


@pytest.mark.parametrize("scores", [[3, 2, 1, 0], [1, 1, 1, 1], [2, 2, 1, 1], [0, 1, 2, 2]])
def test_the_derivative_is_that_of_weighted_average_precision(scores: list[float]) -> None:
    right, values = np.array([True, False, True, False]), np.array(scores, float)
    for place in range(4):
        weights = np.ones(4)
        weights[place] += 1e-6
        moved = sklearn.average_precision_score(right, values, sample_weight=weights) - average_precision(right, values)
        assert influence(right, values)[place] == pytest.approx(moved / 1e-6, abs=1e-4)


def test_thresholds_have_the_best_f1_of_all_there_are() -> None:
    found = made_predictions(pictures=80, ties=True)
    chosen = best_thresholds(found.targets, found.probabilities)
    for k, threshold in enumerate(chosen):
        scores = [_f1(found, k, each) for each in (*found.probabilities[:, k], 0.0)]
        assert _f1(found, k, threshold) == pytest.approx(max(scores))


def test_a_threshold_lies_between_two_probabilities_and_a_class_without_pictures_has_none() -> None:
    chosen = best_thresholds(np.array([[1, 0], [1, 0], [0, 0]]), np.array([[0.9, 0.1], [0.7, 0.2], [0.3, 0.6]]))
    assert chosen.tolist() == pytest.approx([0.5, UNDECIDED])
    assert best_thresholds(np.array([[1]]), np.array([[0.4]])).tolist() == [0.2]


def _f1(found: LabelPredictions, k: int, threshold: float) -> float:
    predicted = (found.probabilities[:, k] >= threshold).astype(int)
    return float(sklearn.f1_score(found.targets[:, k], predicted, zero_division=0))


def test_predictions_are_read_as_they_were_written(tmp_path: Path) -> None:
    found = made_predictions()
    save_predictions(tmp_path / "a.npz", found)
    again = load_predictions(tmp_path / "a.npz")
    assert (again.places, again.thresholds.tolist()) == (found.places, found.thresholds.tolist())
    assert (again.predicted == found.predicted).all()


def _damage(change: Callable[[dict[str, np.ndarray]], object]) -> dict[str, np.ndarray]:
    found = made_predictions(pictures=6)
    arrays = {"ids": found.ids, "targets": found.targets, "logits": found.logits, "thresholds": found.thresholds}
    change(arrays)
    return arrays


@pytest.mark.parametrize("change", [
    lambda arrays: arrays.update(targets=arrays["targets"] * 2), lambda arrays: arrays.pop("thresholds"),
    lambda arrays: arrays.update(thresholds=arrays["thresholds"][:-1]),
    lambda arrays: arrays.update(targets=arrays["targets"][:, 0])])
def test_damaged_predictions_are_named(tmp_path: Path,
                                       change: Callable[[dict[str, np.ndarray]], object]) -> None:
    file = tmp_path / "a.npz"
    np.savez(file, **_damage(change))
    with pytest.raises(Exception, match=r"cannot read .*a\.npz"):
        load_predictions(file)
