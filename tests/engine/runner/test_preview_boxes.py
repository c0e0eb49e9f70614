"""What a detector sees: exactly the batch that training gets, with boxes where the cells are."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.config import parse_config
from engine.data import load_detection
from engine.data.boxes.split import detection_split
from engine.runner.preview import FILE, denormalise, preview_boxes
from engine.training.setup import prepare

pytestmark = pytest.mark.usefixtures("scenes")


def _preview(folder: Path, epoch: int = 0, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    answer = preview_boxes({"config": {"dataset": "Scenes", **options}, "epoch": epoch, "folder": str(folder)})
    with np.load(folder / FILE) as arrays:
        return answer, dict(arrays)


def test_without_augmentation_they_are_the_pictures_and_boxes_on_disk(home: Path) -> None:
    answer, arrays = _preview(home, image_size=192, batch_size=8)
    dataset = load_detection("Scenes")
    ids, _ = detection_split(dataset, parse_config({"dataset": "Scenes"}))
    by_content = {dataset.picture("train", int(place)).tobytes(): int(place) for place in ids}
    assert len(arrays) == len(answer["boxes"]) == 8
    for place, boxes in enumerate(answer["boxes"]):
        original = by_content[arrays[str(place)].tobytes()]
        rows = dataset.train.annotations.rows_of(original)
        assert boxes == dataset.train.annotations.boxes[rows].tolist()
        assert answer["labels"][place] == dataset.train.annotations.labels[rows].tolist()


@pytest.mark.parametrize("options", [{"augmentation": "strong", "image_size": 128, "seed": 3},
                                     {"augmentation": "weak", "empty_pictures": "drop", "train_fraction": 0.5}])
def test_the_batch_is_the_one_that_training_gets(home: Path, options: dict[str, Any]) -> None:
    answer, arrays = _preview(home, epoch=2, **options)
    setup = prepare(parse_config({"dataset": "Scenes", "device": "cpu", **options}), None, {})
    pictures, targets = next(islice(setup.train.epoch(2), 1))
    for place, (picture, target) in enumerate(zip(pictures, targets, strict=True)):
        expected = denormalise(picture[None], setup.resolved["mean"], setup.resolved["std"])[0]
        np.testing.assert_array_equal(arrays[str(place)], expected)
        assert answer["boxes"][place] == target["boxes"].tolist()
    assert answer["steps"] == setup.train.steps_per_epoch
