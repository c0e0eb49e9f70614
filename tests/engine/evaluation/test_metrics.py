"""Metrics agree with scikit-learn to 1e-6."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn import exceptions as sk_exceptions
from sklearn import metrics as sk

from engine.catalog.metrics import evaluation_metrics
from engine.evaluation.metrics import Predictions, per_class, remarks, summary
from engine.evaluation.reliability import reliability


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
    harmonic = 2 / (1 / expected[0] + 1 / expected[1])
    assert mine["f1_of_means"] == pytest.approx(harmonic) and mine["f1_of_means"] > mine["macro_f1"]
    assert (mine["top1_error"], mine["top5_error"]) == pytest.approx((1 - mine["top1"], 1 - mine["top5"]))
    assert list(mine) == list(evaluation_metrics("classification"))


def test_confusion_and_per_class_are_scikit_learns() -> None:
    found = predictions(7)
    labels = list(range(found.classes))
    assert (found.confusion == sk.confusion_matrix(found.targets, found.predicted, labels=labels)).all()
    rows = per_class(found)
    expected = sk.precision_recall_fscore_support(found.targets, found.predicted, labels=labels, zero_division=0)
    for mine, theirs in zip((rows["precision"], rows["recall"], rows["f1"], rows["support"]), expected, strict=True):
        assert mine == pytest.approx(theirs, abs=1e-6)


def of_pairs(*pairs: tuple[int, int], classes: int) -> Predictions:
    """Pictures of these (true, predicted) classes."""
    targets, predicted = np.array(pairs).T
    return Predictions(np.arange(len(pairs)), targets, np.eye(classes, dtype=np.float32)[predicted])


@pytest.mark.parametrize("found", [
    *(predictions(seed, count, classes) for seed, count, classes in ((0, 500, 12), (1, 40, 12), (2, 30, 7))),
    of_pairs((0, 0), (0, 1), (1, 1), (1, 0), classes=2), of_pairs((0, 0), (1, 0), (2, 0), classes=4),
    of_pairs((1, 0), (1, 2), (1, 1), classes=3), of_pairs((0, 1), (1, 0), classes=3)])
def test_agreement_beyond_chance_is_scikit_learns(found: Predictions) -> None:
    mine = summary(found)
    of = found.targets, found.predicted
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of classes that are only predicted
        expected = sk.balanced_accuracy_score(*of), sk.cohen_kappa_score(*of), sk.matthews_corrcoef(*of)
    assert [mine["balanced_accuracy"], mine["kappa"], mine["mcc"]] == pytest.approx(expected, abs=1e-12)


def test_kappa_means_nothing_where_there_is_one_class_alone_and_is_left_out() -> None:
    alone = of_pairs((1, 1), (1, 1), classes=3)
    with pytest.warns(sk_exceptions.UndefinedMetricWarning):
        assert np.isnan(sk.cohen_kappa_score(alone.targets, alone.predicted))
    found = summary(alone)
    assert "kappa" not in found
    assert (found["balanced_accuracy"], found["mcc"]) == (1, sk.matthews_corrcoef(alone.targets, alone.predicted))


@pytest.mark.parametrize("seed", range(3))
def test_specificity_is_scikit_learns_recall_of_all_other_classes(seed: int) -> None:
    found = predictions(seed)
    expected = [sk.recall_score(found.targets != label, found.predicted != label) for label in range(found.classes)]
    assert per_class(found)["specificity"] == pytest.approx(expected, abs=1e-12)
    alone = per_class(of_pairs((1, 1), (1, 0), classes=3))["specificity"]
    assert np.isnan(alone[1]) and alone[[0, 2]].tolist() == [0.5, 1]


def test_confidence_is_the_probability_of_the_prediction() -> None:
    found = Predictions(np.arange(1), np.array([1]), np.log(np.array([[0.7, 0.2, 0.1]])).astype(np.float32))
    assert found.predicted.tolist() == [0] and found.confidence[0] == pytest.approx(0.7)
    assert found.losses[0] == pytest.approx(-np.log(0.2))


def test_top5_of_three_classes_is_everything() -> None:
    assert predictions(1, classes=4).among(5).all()


@pytest.mark.parametrize("classes", [2, 5])
def test_with_five_classes_or_fewer_top5_is_said_to_mean_nothing(classes: int) -> None:
    random = np.random.default_rng(0)
    few = Predictions(np.arange(50), np.arange(50) % classes, random.normal(size=(50, classes)).astype(np.float32))
    assert evaluation_metrics("classification").keys() - summary(few).keys() == {"top5", "top5_error"}
    assert remarks(few, "abcde") == [
        f"Top-5 is not shown: with {classes} classes it is always 1."]


def test_classes_without_pictures_are_named() -> None:
    found = predictions(0)
    [remark] = remarks(found, [f"class {label}" for label in range(12)])
    assert remark.startswith("No pictures of class 11: recall is undefined there")
    everything = Predictions(np.arange(24), np.arange(24) % 12, np.ones((24, 12), np.float32))
    assert remarks(everything, ["x"] * 12) == []


def test_nothing_right_has_no_f1_at_all() -> None:
    wrong = Predictions(np.arange(8), np.arange(8), np.roll(np.eye(8, dtype=np.float32), 1, axis=1))
    assert (summary(wrong)["f1_of_means"], summary(wrong)["macro_f1"], summary(wrong)["top1"]) == (0, 0, 0)


def slow_ece(found: Predictions, bins: int = 15) -> float:
    """The definition of Guo et al. (2017), picture by picture."""
    probabilities = np.exp(found.log_probabilities)
    total = 0.0
    for bin_ in range(bins):
        low, high = bin_ / bins, (bin_ + 1) / bins
        inside = [row for row in range(len(found.ids)) if low < probabilities[row].max() <= high]
        if inside:
            accuracy = sum(probabilities[row].argmax() == found.targets[row] for row in inside) / len(inside)
            confidence = sum(probabilities[row].max() for row in inside) / len(inside)
            total += abs(accuracy - confidence) * len(inside) / len(found.ids)
    return total


@pytest.mark.parametrize("seed", range(3))
def test_ece_is_its_definition(seed: int) -> None:
    found = predictions(seed)
    assert summary(found)["ece"] == pytest.approx(slow_ece(found), abs=1e-9) and slow_ece(found) > 0.01


def test_a_confidence_on_an_edge_belongs_to_the_bin_below_and_certainty_to_the_last() -> None:
    logits = np.array([[0, 0], [0, -200], [-200, 0], [1, 0]], np.float32)  # confidence ½, 1, 1 and 0.73
    found = reliability(Predictions(np.arange(4), np.array([0, 0, 0, 1]), logits), bins=4)
    assert found.pictures.tolist() == [0, 1, 1, 2]
    assert found.accuracy.tolist() == [0, 1, 0, 0.5] and found.confidence[[1, 3]].tolist() == [0.5, 1]
