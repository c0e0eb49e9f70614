"""Metrics agree with scikit-learn to 1e-6."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from engine.evaluation.metrics import Predictions, per_class, summary


def predictions(seed: int, count: int = 500, classes: int = 12) -> Predictions:
    """Random logits that are right about half of the time; the last class has no pictures, one is never predicted."""
    random = np.random.default_rng(seed)
    targets = random.integers(0, classes - 1, count)
    logits = random.normal(size=(count, classes)).astype(np.float32)
    logits[np.arange(count), targets] += 1.5
    logits[:, 3] -= 20
    return Predictions(np.arange(count), targets, logits)


@pytest.mark.parametrize("seed", range(3))
def test_the_summary_is_scikit_learns(seed: int) -> None:
    found = predictions(seed)
    mine = summary(found)
    probabilities = np.exp(found.log_probabilities)
    labels = np.arange(found.classes)
    assert mine["top1"] == pytest.approx(sk.accuracy_score(found.targets, found.predicted), abs=1e-6)
    top5 = sk.top_k_accuracy_score(found.targets, found.logits, k=5, labels=labels)
    assert mine["top5"] == pytest.approx(top5, abs=1e-6)
    assert mine["loss"] == pytest.approx(sk.log_loss(found.targets, probabilities, labels=labels), abs=1e-6)
    expected = sk.precision_recall_fscore_support(found.targets, found.predicted, average="macro", zero_division=0)
    assert [mine["macro_precision"], mine["macro_recall"], mine["macro_f1"]] == pytest.approx(expected[:3], abs=1e-6)


def test_confusion_and_per_class_are_scikit_learns() -> None:
    found = predictions(7)
    labels = list(range(found.classes))
    assert (found.confusion == sk.confusion_matrix(found.targets, found.predicted, labels=labels)).all()
    rows = per_class(found.confusion)
    expected = sk.precision_recall_fscore_support(found.targets, found.predicted, labels=labels, zero_division=0)
    for mine, theirs in zip((rows.precision, rows.recall, rows.f1, rows.support), expected, strict=True):
        assert mine == pytest.approx(theirs, abs=1e-6)


def test_confidence_is_the_probability_of_the_prediction() -> None:
    found = Predictions(np.arange(1), np.array([1]), np.log(np.array([[0.7, 0.2, 0.1]])).astype(np.float32))
    assert found.predicted.tolist() == [0] and found.confidence[0] == pytest.approx(0.7)
    assert found.losses[0] == pytest.approx(-np.log(0.2))


def test_top5_of_three_classes_is_everything() -> None:
    assert predictions(1, classes=4).top(5) == 1.0
