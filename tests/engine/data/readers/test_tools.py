"""What annotation tools export is read: classes, counts, and boxes on the right pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.data import DetectionDataset, load_detection
from engine.errors import ConfigError
from tests.engine.data.readers.exports import COLOURS, GREY, NAMES, TOOLS, coco_json, draw, drawings, write
from tests.engine.data.readers.test_layouts import counts, lay


def check_pixels(dataset: DetectionDataset) -> int:
    """Look under every box: its colour inside, and grey around it, or another object."""
    boxes = 0
    for split in ("train", "test"):
        part = dataset.split(split)
        for place, corners, label in zip(part.annotations.picture.tolist(), part.annotations.boxes.round().astype(int),
                                         part.annotations.labels.tolist(), strict=True):
            picture, (x1, y1, x2, y2) = dataset.picture(split, place), corners.tolist()
            assert np.abs(picture[y1:y2, x1:x2].astype(int) - COLOURS[dataset.classes[label]]).max() < 3
            ring = [picture[y1 - 1, x1 - 1], picture[y2, x2], picture[y1 - 1, x2], picture[y2, x1 - 1]]
            assert all(np.abs(each.astype(int) - GREY).max() < 3 for each in ring)
            boxes += 1
    return boxes


@pytest.mark.parametrize("tool", TOOLS)
def test_the_export_of_a_tool_is_read_with_boxes_on_the_right_pixels(home: Path, tool: str) -> None:
    name, make, parted = TOOLS[tool]
    make(home / "set")
    dataset = load_detection(name, str(home / "set"), unreadable="stop")
    assert set(dataset.classes) == set(NAMES)
    assert check_pixels(dataset) == sum(len(each.shown) for each in drawings())
    assert (len(dataset.train) == 8) == parted and len(dataset.train) + len(dataset.test) == 12
    assert dataset.ledger.accounts[0].found == sum(file.is_file() for file in (home / "set").rglob("*"))


_CVAT = "<annotations><version>1.1</version><image id='0' name='a.png' width='9' height='9'/></annotations>"
UNREAD: dict[str, tuple[str, str, object, str]] = {
    "CVAT's own": ("voc", "annotations.xml", _CVAT, "CVAT's own XML; export the task as PASCAL VOC"),
    "CVAT's own, as COCO": ("coco", "annotations.xml", _CVAT, "CVAT's own XML: export the task as COCO 1.0"),
    "Labelbox": ("coco", "export.ndjson", '{"data_row": {"id": "c"}, "projects": {}}\n', "JSON in lines"),
    "Labelbox's JSON": ("coco", "export.json", [{"data_row": {}, "projects": {}}], "Labelbox's JSON"),
    "FiftyOne's own": ("coco", "labels.json", {"classes": ["cat"], "labels": {"a": []}}, "fo.types.COCODetection"),
    "FiftyOne's samples": ("voc", "samples.json", {"samples": []}, "fo.types.COCODetection"),
    "VIA's table": ("coco", "via.csv", "filename,file_size,region_count,region_shape_attributes\n", "a table of boxes"),
    "Open Images": ("yolo", "train-annotations-bbox.csv", "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax\n",
                    "a table of boxes: convert it to COCO"),
    "COCO as VOC": ("voc", "instances.json", {"images": [], "annotations": [], "categories": []},
                    "choose the data set coco"),
    "VOC as COCO": ("coco", "a.xml", "<annotation></annotation>", "choose the data set voc"),
    "YOLO as COCO": ("coco", "data.yaml", "train: images\nnames: [cat]\n", "choose the data set yolo"),
    "an archive": ("coco", "annotations.zip", "PK", "an archive: unpack it"),
}


@pytest.mark.parametrize("kind", UNREAD)
def test_what_is_not_read_is_named_with_what_to_do(home: Path, kind: str) -> None:
    name, file, content, said = UNREAD[kind]
    draw(home / "set" / "a.png", drawings()[0])
    write(home / "set" / file, content)
    with pytest.raises(ConfigError, match=said) as caught:
        load_detection(name, str(home / "set"))
    assert "\n" not in str(caught.value) and file in str(caught.value)


TABLES = {
    "MNIST": ("mnist_train.csv", "label," + ",".join(f"pixel{each}" for each in range(784)), "a table of pixels"),
    "MNIST, no header": ("mnist_test.csv", ",".join("0" * 785), "a table of pixels"),
    "labels": ("labels.csv", "id,breed\n0,pug\n", "a table: choose the data set folder-labels if it says"),
    "Flowers-102": ("imagelabels.mat", "MATLAB 5.0", "MATLAB's arrays: list"),
    "records": ("train.tfrecord-00000-of-00010", "x", "a file of many samples"),
    "arrays": ("x_train.npy", "x", "choose the data set npy"), "an archive": ("images.tar.gz", "x", "unpack it"),
}


@pytest.mark.parametrize("inside", ["jpg/", ""])
@pytest.mark.parametrize("kind", TABLES)
def test_pictures_without_class_folders_are_refused_with_what_lies_beside_them(home: Path, kind: str,
                                                                               inside: str) -> None:
    file, text, said = TABLES[kind]
    lay(home / "set", {f"{inside}a.png": 1}, {file: text})
    with pytest.raises(ConfigError, match=said) as caught:
        counts(home / "set")
    assert "\n" not in str(caught.value) and file in str(caught.value)


def test_the_only_part_with_boxes_is_divided(home: Path) -> None:
    for each in drawings():
        draw(home / "set" / "val2017" / each.name, each)
    write(home / "set" / "annotations" / "instances_val2017.json", coco_json(drawings()))
    write(home / "set" / "annotations" / "captions_val2017.json", {"images": [], "annotations": []})
    dataset = load_detection("coco", str(home / "set"))
    assert (len(dataset.train), len(dataset.test)) == (9, 3) and check_pixels(dataset)
    assert any("the val part in the files is the training part" in note for note in dataset.notes)
