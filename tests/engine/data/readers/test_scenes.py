"""The generated scenes: always the same, with boxes that hold what is drawn, a long tail and empty pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.catalog.datasets import DATASETS
from engine.data import DetectionDataset, load_dataset, load_detection
from engine.data.facts import data_facts
from engine.errors import UserError


@pytest.fixture(scope="module")
def scenes(drawn_scenes: Path) -> DetectionDataset:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DARKROOM_HOME", str(drawn_scenes.parent))
        return load_detection("Scenes")


def test_it_is_as_the_catalog_says(scenes: DetectionDataset) -> None:
    row, facts = DATASETS["Scenes"], data_facts("Scenes")
    assert (len(scenes.train), len(scenes.test)) == (row.train, row.test) == (facts.train, facts.test)
    assert scenes.classes == row.classes == facts.classes
    assert (scenes.train.sizes == (144, 192)).all()
    assert scenes.picture("test", 3).shape == (144, 192, 3)
    assert scenes.picture("test", 3, longest=64).shape == (48, 64, 3)


def test_a_long_tail_empty_pictures_and_cells_at_the_edge(scenes: DetectionDataset) -> None:
    boxes = scenes.train.annotations
    counts = np.bincount(boxes.labels, minlength=6)
    assert counts.max() > 6 * counts.min() and counts.min() >= 5
    assert set(scenes.test.annotations.labels.tolist()) == set(range(6))
    assert 5 <= scenes.train.without_boxes.sum() <= 40
    assert ((boxes.boxes[:, :2] == 0).any(1) | (boxes.boxes[:, 2:] == (192, 144)).any(1)).sum() >= 5
    assert np.mean(boxes.areas) > 1.2 * np.median(boxes.areas)


def test_a_box_is_darker_than_what_surrounds_it(scenes: DetectionDataset) -> None:
    """The cell fills its box: half of the box's pixels are darker than nearly all of the ground around it."""
    found = []
    for place in range(40):
        grey = scenes.picture("train", place).mean(axis=2)
        for x1, y1, x2, y2 in scenes.train.annotations.boxes[scenes.train.annotations.rows_of(place)].astype(int):
            inside = grey[y1:y2, x1:x2]
            middle = inside[len(inside) // 3:-(len(inside) // 3) or None]
            found.append(np.median(grey) - np.quantile(middle, 0.25))
    assert len(found) > 40 and np.mean(np.array(found) > 25) > 0.95


def test_no_picture_is_in_both_splits(scenes: DetectionDataset) -> None:
    digests = [row.tobytes() for split in (scenes.train, scenes.test) for row in split.written.contents]
    assert len(set(digests)) == 320


def test_a_set_of_another_task_is_refused(drawn_scenes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_HOME", str(drawn_scenes.parent))
    with pytest.raises(UserError, match="Scenes is a data set for detection: its pictures have boxes"):
        load_dataset("Scenes")
    with pytest.raises(UserError, match="Digits is a data set for classification: its pictures have no boxes"):
        load_detection("Digits")
