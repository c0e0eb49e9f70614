from __future__ import annotations

import numpy as np
import torch
from torchvision.ops import box_iou

from engine.boxes.iou import iou, iou_of_pairs
from tests.engine.boxes.scenes import random_boxes


def test_iou_is_torchvisions() -> None:
    rng = np.random.default_rng(0)
    ours, others = random_boxes(rng, 30), random_boxes(rng, 40)
    np.testing.assert_allclose(iou(ours, others), box_iou(torch.tensor(ours), torch.tensor(others)), atol=1e-5)


def test_by_hand() -> None:
    box = np.array([[0, 0, 10, 10]], np.float32)
    others = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [10, 0, 20, 10], [0, 0, 40, 10]], np.float32)
    np.testing.assert_allclose(iou(box, others), [[1, 1 / 3, 0, .25]])


def test_of_a_crowd_counts_the_share_of_the_box_that_lies_in_it() -> None:
    box = np.array([[0, 0, 10, 10]], np.float32)
    crowd = np.array([[5, 0, 100, 100]], np.float32)
    np.testing.assert_allclose(iou_of_pairs(box, crowd, np.array([True])), [.5])


def test_boxes_without_extent_overlap_nothing() -> None:
    point = np.array([[3, 3, 3, 3]], np.float32)
    assert iou(point, point).tolist() == [[0]]
