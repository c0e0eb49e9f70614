"""Average precision under weights is COCO's of repeated pictures, and its derivative is the difference of weights."""

from __future__ import annotations

import numpy as np
import pytest

from engine.boxes.arrays import Annotations, Detections, concat_annotations, concat_detections, select_pictures
from engine.boxes.curves import rank
from engine.boxes.weighted import AREAS, Hits, class_hits, mean_of_classes
from tests.engine.boxes.scenes import random_detections, random_truth
from tests.engine.boxes.test_metrics import of_coco

CLASSES = 4


def repeated(truth: Annotations, said: Detections, weights: np.ndarray) -> tuple[Annotations, Detections]:
    """Each picture as often as its weight says."""
    places = np.repeat(np.arange(truth.pictures), weights)
    drawn = [(truth.rows_of(int(place)), said.rows_of(int(place))) for place in places]
    return (concat_annotations((truth.boxes[mine], truth.labels[mine], truth.difficult[mine]) for mine, _ in drawn),
            concat_detections((said.boxes[theirs], said.labels[theirs], said.scores[theirs]) for _, theirs in drawn))


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("seed", range(3))
def test_without_weights_it_is_pycocotools_for_every_size(seed: int, area: str) -> None:
    truth = random_truth(seed, pictures=40)
    said = random_detections(truth, seed + 10)
    theirs = of_coco(said, truth).eval["precision"][:, :, :, list(AREAS).index(area), 2].mean(axis=1).T
    found = [each.average_precisions(np.ones((40, 1)))[:, 0] for each in class_hits(rank(said, truth), CLASSES, area)]
    np.testing.assert_allclose(np.nan_to_num(found, nan=-1), theirs, atol=1e-6)


@pytest.mark.parametrize("area", ["every", "medium"])
def test_weights_are_repeated_pictures(area: str) -> None:
    truth = random_truth(5, pictures=30)
    said = random_detections(truth, 6)
    hits = class_hits(rank(said, truth), CLASSES, area)
    weights = np.random.default_rng(0).multinomial(30, np.full(30, 1 / 30), size=3)
    found = np.stack([each.average_precisions(weights.T.astype(np.float64)) for each in hits])
    for place, drawn in enumerate(weights):
        mine, theirs = repeated(truth, said, drawn)
        expected = of_coco(theirs, mine).eval["precision"][:, :, :, list(AREAS).index(area), 2].mean(axis=1).T
        np.testing.assert_allclose(np.nan_to_num(found[:, :, place], nan=-1), expected, atol=1e-6)


def test_the_influence_of_a_picture_is_what_a_little_more_of_it_changes() -> None:
    truth = random_truth(2, pictures=25)
    said = random_detections(truth, 3)
    for hits in class_hits(rank(said, truth), CLASSES):
        influence = hits.influence()
        assert influence.sum(axis=1) == pytest.approx(np.zeros(10), abs=1e-12)
        for picture in range(0, 25, 6):
            more = np.ones(25)
            more[picture] += 1e-6
            for place in range(10):
                change = _area(hits, place, more) - _area(hits, place, np.ones(25))
                assert influence[place, picture] == pytest.approx(change / 1e-6, abs=1e-4)


def _area(hits: Hits, place: int, weights: np.ndarray) -> float:
    """The area under the envelope, step by step; where precisions are equal, the envelope stays at the first."""
    right, ignored = set(hits.right[place].tolist()), set(hits.ignored[place].tolist())
    plain, points = [], []
    shown = found = plainly_shown = plainly_found = 0.0
    for row, picture in enumerate(hits.pictures.tolist()):
        if row not in ignored:
            shown, plainly_shown = shown + weights[picture], plainly_shown + 1
        if row in right:
            found, plainly_found = found + weights[picture], plainly_found + 1
            plain.append(plainly_found / plainly_shown)
            points.append((weights[picture], found / shown))
    best = [place + plain[place:].index(max(plain[place:])) for place in range(len(plain))]
    return sum(weight * points[top][1] for (weight, _), top in zip(points, best, strict=True)) / float(
        weights @ hits.objects)


def test_taking_pictures_is_matching_them_alone() -> None:
    truth = random_truth(7, pictures=30)
    said = random_detections(truth, 8)
    chosen = np.array([1, 2, 5, 11, 17, 23, 29])
    whole = class_hits(rank(said, truth), CLASSES)
    alone = class_hits(rank(select_pictures(said, chosen), select_pictures(truth, chosen)), CLASSES)
    for mine, theirs in zip([each.take(chosen) for each in whole], alone, strict=True):
        ones = np.ones((7, 1))
        np.testing.assert_array_equal(mine.average_precisions(ones), theirs.average_precisions(ones))
        assert all(np.array_equal(*pair) for pair in zip(mine.ignored, theirs.ignored, strict=True))


def test_the_mean_of_classes_leaves_out_what_is_undefined() -> None:
    assert mean_of_classes(np.array([[1.0, np.nan], [np.nan, np.nan], [0.5, np.nan]])) == pytest.approx(
        [0.75, np.nan], nan_ok=True)
