from __future__ import annotations

import numpy as np
import pytest
import torch
from torchvision.ops import batched_nms

from engine.boxes.arrays import concat_detections
from engine.boxes.nms import suppress
from tests.engine.boxes.scenes import random_detections, random_truth


@pytest.mark.parametrize("threshold", [0, 0.3, 0.5, 0.9])
def test_nms_is_torchvisions_in_every_picture(threshold: float) -> None:
    said = random_detections(random_truth(pictures=40))
    rows = []
    for picture in range(said.pictures):
        ours = np.flatnonzero((said.picture == picture) & (said.scores >= 0.2))
        best = batched_nms(torch.tensor(said.boxes[ours]), torch.tensor(said.scores[ours]),
                           torch.tensor(said.labels[ours]), threshold)
        rows.append(np.sort(ours[best.numpy()]))
    expected = np.concatenate(rows)
    found = suppress(said, 0.2, threshold)
    assert len(expected) < len(said)
    np.testing.assert_array_equal(found.boxes, said.boxes[expected])
    np.testing.assert_array_equal(found.picture, said.picture[expected])


def test_a_suppressed_box_suppresses_nothing() -> None:
    chain = np.array([[0, 0, 10, 10], [3, 0, 13, 10], [6, 0, 16, 10]], np.float32)
    said = concat_detections([(chain, np.zeros(3, np.int64), np.array([.9, .8, .7], np.float32))])
    assert suppress(said, 0, 0.5).scores.tolist() == pytest.approx([.9, .7])
