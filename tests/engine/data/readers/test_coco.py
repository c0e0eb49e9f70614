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


REPEATED = {
    "image ids": (lambda content: content["images"][1].update(id="1"), "image 1: p00.png and p01.png have one id", 2),
    "annotation ids": (lambda content: content["annotations"][1].update(id=1.0),
                       r"annotation 1: two have this id, of image 1, \[2, 3, 10, 20\] and of image 2", 2),
    "category ids": (lambda content: content["categories"].append({"id": 1, "name": "owl"}),
                     "category id 1: it is that of cat and of owl", 0),
    "category names": (lambda content: content["categories"].append({"id": 7, "name": " cat "}),
                       "category cat: it has the ids 1 and 7", 0),
}


@pytest.mark.parametrize("change, said, lost", REPEATED.values(), ids=REPEATED)
def test_what_repeats_is_refused_with_both(home: Path, change: Any, said: str, lost: int) -> None:
    root = coco(home / "own", many(20))
    _change(root, change)
    with pytest.raises(ConfigError, match=said):
        load_detection("coco", str(root), unreadable="stop")
    if lost:
        dataset = load_detection("coco", str(root))
        assert len(dataset.train) + len(dataset.test) == 20 - lost


def test_ids_may_be_texts_and_numbers(home: Path) -> None:
    root = coco(home / "own", many(20))
    _change(root, lambda content: [each.update(image_id=str(each["image_id"]), category_id=float(each["category_id"]))
                                   for each in content["annotations"]])
    assert load_detection("coco", str(root), unreadable="stop").classes == ("cat", "dog")


@pytest.mark.parametrize("value, difficult", [("0", 0), ("True", 1), (1.0, 1), (None, 0), (False, 0)])
def test_a_crowd_in_every_spelling(home: Path, value: object, difficult: int) -> None:
    root = coco(home / "own", many(20))
    _change(root, lambda content: content["annotations"][0].update(iscrowd=value))
    dataset = load_detection("coco", str(root), unreadable="stop")
    assert sum(int(split.annotations.difficult.sum()) for split in (dataset.train, dataset.test)) == difficult


@pytest.mark.parametrize("text, said", [
    ("[" * 100_000, "nested too deeply"), ('{"images": ' + "9" * 5000 + "}", "not JSON"),
    (b'{"name": "\xe9"}', "not UTF-8"), ("", "not JSON"), ("\0" * 40, "not JSON"),
])
def test_a_damaged_file_is_one_line(home: Path, text: str | bytes, said: str) -> None:
    root = coco(home / "own", many(20), file="train.json")
    (root / "test.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    (problem,) = load_detection("coco", str(root)).skipped
    assert problem.startswith("test.json, line") and said in problem and len(problem) < 300


@pytest.mark.parametrize("change", [{"id": 10**30}, {"id": -10**30}, {"id": "a7"}, {"id": None}, {"id": [1]}])
def test_ids_of_any_kind_do_no_harm(home: Path, change: dict[str, object]) -> None:
    root = coco(home / "own", many(20))
    _change(root, lambda content: content["annotations"][0].update(change))
    assert not load_detection("coco", str(root)).skipped


@pytest.mark.parametrize("bbox", [[1e400, 1, 2, 3], [10**400, 1, 2, 3], [1e9, 1, 2, 3], [float("nan"), 1, 2, 3]])
def test_numbers_that_are_no_pixels_are_named(home: Path, bbox: list[float]) -> None:
    root = coco(home / "own", many(20))
    _change(root, lambda content: content["annotations"][0].update(bbox=bbox))
    (problem,) = load_detection("coco", str(root)).skipped
    assert "annotation 1: bbox is [" in problem and len(problem) < 300


def test_the_ledger_tells_of_every_file_and_box(home: Path) -> None:
    root = coco(home / "own", many(20))
    _change(root, lambda content: (content["images"][0].update(file_name="gone.png"),
                                   content["annotations"][1].update(bbox=[60, 3, 9, 9])))
    (root / "notes.txt").write_text("")
    dataset = load_detection("coco", str(root))
    files, boxes = dataset.ledger.accounts
    assert files.found == 22 and files.used == {"train": len(dataset.train), "test": len(dataset.test),
                                                "annotations": 1}
    assert [(each.count, each.first) for each in files.left_out] == [(1, ("notes.txt",)), (1, ("train/p00.png",))]
    assert boxes.found == 24 and {each.count for each in boxes.left_out} == {1}
    assert {part.name: sum(part.samples.values()) for part in dataset.ledger.parts} == boxes.used
