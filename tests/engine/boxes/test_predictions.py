from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.boxes.arrays import concat_detections
from engine.boxes.predictions import BoxPredictions, load_predictions, save_predictions
from engine.errors import UserError
from tests.engine.boxes.scenes import random_boxes, random_detections, random_truth


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    truth = random_truth()
    predictions = BoxPredictions(np.arange(truth.pictures) + 7, truth, random_detections(truth))
    path = tmp_path / "predictions.npz"
    digest = save_predictions(path, predictions)
    found = load_predictions(path)
    assert len(digest) == 64
    np.testing.assert_array_equal(found.ids, predictions.ids)
    for name, array in vars(truth).items():
        np.testing.assert_array_equal(getattr(found.truth, name), array)
    assert found.truth.boxes.dtype == found.detections.boxes.dtype == np.float32
    assert found.detections.pictures == truth.pictures
    assert found.detections.labels.dtype == np.int64


def test_only_a_pictures_best_boxes_are_kept(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    scores = [rng.random(2000), rng.random(2000) / 100]
    said = concat_detections(
        (random_boxes(rng, 2000, 2000), np.arange(2000), each.astype(np.float32)) for each in scores)
    path = tmp_path / "predictions.npz"
    save_predictions(path, BoxPredictions(np.arange(2), random_truth(pictures=2), said))
    kept = load_predictions(path).detections
    assert kept.picture.tolist() == [0] * 300
    np.testing.assert_allclose(kept.scores, np.sort(scores[0])[::-1][:300].astype(np.float32))


def test_a_damaged_file_is_a_users_error(tmp_path: Path) -> None:
    path = tmp_path / "predictions.npz"
    path.write_bytes(b"damaged")
    with pytest.raises(UserError, match="cannot read"):
        load_predictions(path)
