"""Well-known sets with boxes, and lists that say which of their pictures are for what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.data import load_detection
from tests.engine.data.readers.exports import (
    NAMES,
    draw,
    drawings,
    fiftyone_coco,
    halves,
    ultralytics,
    write,
    xml,
    yolo_rows,
)
from tests.engine.data.readers.test_tools import check_pixels


def paddle_voc(root: Path) -> None:
    for each in drawings():
        draw(root / "JPEGImages" / each.name, each)
        xml(root / "Annotations" / f"{Path(each.name).stem}.xml", each)
    for part, them in (("train", drawings()[:8]), ("val", drawings()[8:])):
        write(root / f"{part}_list.txt", "".join(
            f"JPEGImages/{each.name} Annotations/{Path(each.name).stem}.xml\n" for each in them))
    write(root / "labels.txt", "\n".join(NAMES))


def listed_yolo(root: Path) -> None:
    for each in drawings():
        draw(root / "images" / each.name, each)
        write(root / "labels" / f"{Path(each.name).stem}.txt", yolo_rows(each))
    for part, them in (("train", drawings()[:8]), ("val", drawings()[8:11]), ("test", drawings()[11:])):
        write(root / f"{part}.txt", "".join(f"./images/{each.name}\n" for each in them))
    write(root / "classes.txt", "\n".join(NAMES))


def coco_with_lists(root: Path) -> None:
    fiftyone_coco(root)
    write(root / "train.txt", "".join(f"{each.name}\n" for each in drawings()[:8]))
    write(root / "test.txt", "".join(f"{Path(each.name).stem}\n" for each in drawings()[9:]))


LISTED = {"PaddleLabel": ("voc", paddle_voc, 8, 4, 0), "YOLO": ("yolo", listed_yolo, 8, 1, 3),
          "COCO": ("coco", coco_with_lists, 8, 3, 1)}


@pytest.mark.parametrize("name", LISTED)
def test_lists_are_the_parts_where_no_folder_is_named_for_one(home: Path, name: str) -> None:
    kind, make, train, test, lost = LISTED[name]
    make(home / "set")
    dataset = load_detection(kind, str(home / "set"), unreadable="stop")
    assert (len(dataset.train), len(dataset.test)) == (train, test) and check_pixels(dataset)
    (account, *_) = dataset.ledger.accounts
    assert account.found == sum(file.is_file() for file in (home / "set").rglob("*"))
    assert sum(each.count for each in account.left_out if "part" in each.reason) in (lost, 2 * lost)
    assert any("are the train part, because that is its name" in note for note in dataset.notes)


def oxford_heads(root: Path) -> None:
    for each in drawings():
        draw(root / "images" / each.name, each)
        draw(root / "annotations" / "trimaps" / each.name, each)
    for each in drawings()[:10]:
        xml(root / "annotations" / "xmls" / f"{Path(each.name).stem}.xml", each)
    for name, them in (("trainval", drawings()[:10]), ("test", drawings()[10:])):
        write(root / "annotations" / f"{name}.txt", "".join(f"{Path(each.name).stem} 1 1 1\n" for each in them))


def voc2012(root: Path) -> None:
    place = root / "VOCdevkit" / "VOC2012"
    for each in drawings():
        draw(place / "JPEGImages" / each.name, each)
        draw(place / "SegmentationClass" / each.name, each)
    for each in drawings()[:10]:
        xml(place / "Annotations" / f"{Path(each.name).stem}.xml", each)
    for folder in ("Main", "Segmentation"):
        for name, them in (("train", drawings()[:8]), ("val", drawings()[8:10]), ("trainval", drawings()[:10])):
            write(place / "ImageSets" / folder / f"{name}.txt", "".join(f"{Path(each.name).stem}\n" for each in them))
    write(place / "ImageSets" / "Main" / "cat_train.txt", "pic_00  1\npic_01 -1\n")


@pytest.mark.parametrize(("make", "train", "test"), [(voc2012, 8, 2), (oxford_heads, 8, 2)])
def test_well_known_sets_with_boxes(home: Path, make: Callable[[Path], None], train: int, test: int) -> None:
    make(home / "set")
    dataset = load_detection("voc", str(home / "set"), unreadable="stop")
    assert (len(dataset.train), len(dataset.test)) == (train, test) and check_pixels(dataset)


def test_of_oriented_boxes_the_surrounding_ones_are_used(home: Path) -> None:
    ultralytics("names: [cat, traffic light]")(home / "set")
    for part, them in halves().items():
        for each in them:
            width, height = each.size
            write(home / "set" / "labels" / part / f"{Path(each.name).stem}.txt", "".join(
                f"{NAMES.index(name)} {x1 / width} {y1 / height} {x2 / width} {y1 / height} {x2 / width} {y2 / height} "
                f"{x1 / width} {y2 / height}\n" for name, (x1, y1, x2, y2) in each.shown))
    dataset = load_detection("yolo", str(home / "set"), unreadable="stop")
    boxes = sum(len(each.shown) for each in drawings())
    assert check_pixels(dataset) == boxes
    assert f"polygons whose surrounding box is used: {boxes}" in dataset.notes
