"""The figures are pycocotools', on random boxes."""

from __future__ import annotations

import contextlib
import io
import math

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from engine.boxes.arrays import Annotations, Detections, concat_annotations, concat_detections
from engine.boxes.metrics import summary
from engine.catalog.metrics import evaluation_metrics
from tests.engine.boxes.scenes import random_detections, random_truth

STATS = ("map", "map50", "map75", "map_small", "map_medium", "map_large", None, None, "mar100")


def of_coco(said: Detections, truth: Annotations) -> COCOeval:
    """What pycocotools accumulates."""
    corners = [np.concatenate([boxes.boxes[:, :2], boxes.boxes[:, 2:] - boxes.boxes[:, :2]], axis=1).tolist()
               for boxes in (truth, said)]
    with contextlib.redirect_stdout(io.StringIO()):
        theirs = COCO()
        theirs.dataset = {
            "images": [{"id": picture} for picture in range(truth.pictures)],
            "categories": [{"id": label} for label in range(int(truth.labels.max()) + 1)],
            "annotations": [
                {"id": row + 1, "image_id": int(truth.picture[row]), "category_id": int(truth.labels[row]), "bbox": box,
                 "area": box[2] * box[3], "iscrowd": int(truth.difficult[row])} for row, box in enumerate(corners[0])]}
        theirs.createIndex()
        results = theirs.loadRes([
            {"image_id": int(said.picture[row]), "category_id": int(said.labels[row]), "bbox": box,
             "score": float(said.scores[row])} for row, box in enumerate(corners[1])])
        evaluation = COCOeval(theirs, results, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


@pytest.mark.parametrize("seed", range(3))
def test_all_figures_are_pycocotools(seed: int) -> None:
    truth = random_truth(seed)
    said = random_detections(truth, seed + 10)
    expected = dict(zip(STATS, of_coco(said, truth).stats, strict=False))
    expected.pop(None)
    found = summary(said, truth)
    assert list(found) == list(evaluation_metrics("detection"))
    assert 0.1 < found["map"] < 0.9
    assert found == pytest.approx(expected, abs=1e-6)


def test_what_is_not_there_to_be_found_is_not_measured() -> None:
    nothing = np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, np.float32)
    box = np.array([[0, 0, 10, 10]], np.float32), np.array([0])
    small = concat_annotations([(*box, np.array([False]))])
    found = summary(concat_detections([nothing]), small)
    assert (found["map"], found["map_small"]) == (0, 0)
    assert math.isnan(found["map_large"])
    empty = concat_annotations([(nothing[0], nothing[1], nothing[2].astype(bool))])
    assert math.isnan(summary(concat_detections([(*box, np.array([.5], np.float32))]), empty)["map"])
