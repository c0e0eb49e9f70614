"""COCO files by the same interface, and all that can be wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.data import load_detection
from engine.data.facts import data_facts
from engine.errors import ConfigError
from tests.engine.data.box_sources import coco, many


def test_the_usual_folders(home: Path) -> None:
    """Pictures of two splits with the same names, a file of captions beside them."""
    root = coco(home / "coco", many(30), file="annotations/instances_train2017.json", folder="train2017")
    coco(root, many(10), file="annotations/instances_val2017.json", folder="val2017")
    (root / "annotations" / "captions_train2017.json").write_text("not read")
    dataset = load_detection("coco", str(root), unreadable="stop")
    assert (len(dataset.train), len(dataset.test), dataset.classes) == (30, 10, ("cat", "dog"))
    boxes = dataset.test.annotations
    assert boxes.boxes[boxes.rows_of(2)].tolist() == [[2, 3, 12, 23], [20, 5, 38, 15]]
    assert dataset.test.names[2] == "val2017/p02.png"
    assert np.array_equal(dataset.picture("test", 2), np.asarray(Image.open(root / "val2017" / "p02.png")))
    assert dataset.test.written.where(0) == "annotations/instances_val2017.json, annotation 1"
    assert data_facts("coco", str(root)).train == 30


def test_one_file_beside_its_pictures(home: Path) -> None:
    root = coco(home / "own", many(20), file="_annotations.coco.json", folder="images")
    dataset = load_detection("coco", str(root))
    assert (len(dataset.train), len(dataset.test)) == (16, 4)


def test_a_crowd_is_difficult(home: Path) -> None:
    root = coco(home / "own", many(20))
    _change(root, lambda content: content["annotations"][0].update(iscrowd=1))
    dataset = load_detection("coco", str(root))
    assert sum(int(split.annotations.difficult.sum()) for split in (dataset.train, dataset.test)) == 1


@pytest.mark.parametrize("change, said", [
    (lambda content: content["annotations"][0].update(bbox=[1, 2, -3, 4]),
     r"annotation 1: the box of cat is inverted: -3 wide, 4 high \(train/p00\.png\)"),
    (lambda content: content["annotations"][0].update(bbox=[1, 2, 3]), r"annotation 1: bbox is \[1, 2, 3\], not four"),
    (lambda content: content["annotations"][0].update(bbox=None), "annotation 1: bbox is None, not four"),
    (lambda content: content["annotations"][0].update(category_id=9), "annotation 1: no category has the id 9"),
    (lambda content: content["annotations"][0].update(image_id=99), "annotation 1: no picture has the id 99"),
    (lambda content: content["images"][0].update(file_name="gone.png"), "image 1: no picture is called gone.png"),
    (lambda content: content["images"][0].pop("file_name"), "image 1: it has no file_name"),
])
def test_what_cannot_be_used_is_named(home: Path, change: Any, said: str) -> None:
    root = coco(home / "own", many(20))
    _change(root, change)
    with pytest.raises(ConfigError, match=rf"unreadable: .*annotations/instances_train\.json, {said}"):
        load_detection("coco", str(root), unreadable="stop")
    assert len(load_detection("coco", str(root)).skipped) == 1


def test_files_that_are_not_json_or_of_something_else(home: Path) -> None:
    root = coco(home / "own", many(20), file="train.json")
    (root / "settings.json").write_text("{}")
    (root / "test.json").write_text('{"images": [],\n "annotations"}')
    dataset = load_detection("coco", str(root))
    assert dataset.skipped == ("test.json, line 2: not JSON (Expecting ':' delimiter at column 15)",)
    assert "settings.json is not used: it lacks images, annotations or categories" in dataset.notes
    (root / "train.json").write_text("[]")
    with pytest.raises(ConfigError, match="data_path"):
        load_detection("coco", str(root))


def test_a_broken_training_file_is_named_though_others_can_be_used(home: Path) -> None:
    root = coco(coco(home / "own", many(20)), many(4), file="annotations/instances_val.json")
    (root / "annotations" / "instances_train.json").write_text('{"images": [')
    with pytest.raises(ConfigError, match=r"training pictures have boxes; the first of 1 problems: "
                                          r"annotations/instances_train\.json, line 1: not JSON"):
        load_detection("coco", str(root))


def _change(root: Path, change: Any) -> None:
    file = root / "annotations" / "instances_train.json"
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))
