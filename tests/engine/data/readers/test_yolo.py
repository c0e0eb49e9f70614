"""YOLO's folders as its tools write them, and all that can be wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.config import parse_config
from engine.data import load_detection
from engine.data.facts import data_facts
from engine.errors import ConfigError
from tests.engine.data.box_sources import Shown, many, picture_file

NAMES = ("cat", "dog")
LAYOUTS = {
    "images/train": ("images/{part}/{name}.jpg", "labels/{part}/{name}.txt",
                     "path: ../somewhere\ntrain: images/train\nval: images/val\nnames:\n  0: cat\n  1: dog\n"),
    "train/images": ("{part}/images/{name}.jpg", "{part}/labels/{name}.txt",
                     "train: ../train/images\nval: ../valid/../val/images\nnc: 2\nnames: ['cat', 'dog']\n"),
    "lists": ("images/{name}.jpg", "labels/{name}.txt", "train: train.txt\nval: val.txt\nnames: [cat, dog]\n"),
    "another machine": ("images/{part}/{name}.jpg", "labels/{part}/{name}.txt",
                        "train: C:\\sets\\images\\train\nval: /content/set/images/val\nnames: {0: cat, 1: dog}\n"),
}


def _row(name: str, corners: tuple[float, float, float, float]) -> str:
    x1, y1, x2, y2 = corners
    return f"{NAMES.index(name)} {(x1 + x2) / 80} {(y1 + y2) / 60} {(x2 - x1) / 40} {(y2 - y1) / 30}\n"


def _yolo(root: Path, layout: str = "images/train", settings: str | None = None) -> Path:
    picture, label, usual = LAYOUTS[layout]
    for place, (name, shown) in enumerate(many(20).items()):
        part = "val" if place >= 15 else "train"
        picture_file(root / picture.format(part=part, name=name), seed=place)
        _write(root / label.format(part=part, name=name), "".join(_row(*each) for each in shown))
        if layout == "lists":
            with (root / f"{part}.txt").open("a") as file:
                file.write(f"./images/{name}.jpg\n")
    _write(root / "data.yaml", usual if settings is None else settings)
    return root


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_usual_layouts(home: Path, layout: str) -> None:
    root = _yolo(home / "set", layout)
    dataset = load_detection("yolo", str(root), unreadable="stop")
    assert (len(dataset.train), len(dataset.test), dataset.classes) == (15, 5, NAMES)
    place = next(place for place, name in enumerate(dataset.train.names) if "p02" in name)
    boxes: Shown = many(20)["p02"]
    rows = dataset.train.annotations.rows_of(place)
    assert dataset.train.annotations.boxes[rows] == pytest.approx(
        np.array([corners for _, corners in boxes]), abs=1e-3)
    assert dataset.ledger.accounts[0].found == sum(file.is_file() for file in root.rglob("*"))
    assert data_facts("yolo", str(root)).train == 15
    assert parse_config({"dataset": "yolo", "data_path": str(root)}).dataset == "yolo"


def test_polygons_poses_and_pictures_without_labels(home: Path) -> None:
    root = _yolo(home / "set", settings="train: images/train\nval: images/val\nkpt_shape: [2, 3]\nnames: [cat, dog]\n")
    _write(root / "labels/train/p00.txt", "0 0.1 0.1 0.5 0.1 0.3 0.9\n")
    _write(root / "labels/train/p01.txt", "1 0.5 0.5 0.2 0.2 0.1 0.1 2 0.3 0.3 1\n")
    (root / "labels/train/p02.txt").unlink()
    dataset = load_detection("yolo", str(root), unreadable="stop")
    assert dataset.train.annotations.boxes[:2] == pytest.approx(
        np.array([[4, 3, 20, 27], [16, 12, 24, 18]]), abs=1e-3)
    assert {"polygons whose surrounding box is used: 1", "poses of which the box is used: 1",
            "pictures without a text file, which show no object: 1"} <= set(dataset.notes)


def test_what_looks_like_poses_and_a_wrong_number_of_classes_are_told(home: Path) -> None:
    root = _yolo(home / "set", settings="train: images/train\nval: images/val\nnc: 3\nnames: [cat, dog]\n")
    posed = "0 0.5 0.5 0.2 0.2 0.45 0.5 0.55 0.5 0.5 0.45\n"
    _write(root / "labels/train/p00.txt", posed)
    notes = load_detection("yolo", str(root)).notes
    assert "data.yaml says nc: 3, but names 2 classes, which count" in notes
    assert any("all polygons look like poses" in note and "kpt_shape" in note for note in notes)
    _write(root / "labels/train/p01.txt", "0 0.1 0.1 0.5 0.1 0.3 0.9\n")
    assert not any("look like poses" in note for note in load_detection("yolo", str(root)).notes)


@pytest.mark.parametrize("written, likely", [(lambda x, y, w, h: (x, y, x + w, y + h), "xyxy-shares"),
                                             (lambda x, y, w, h: (x, y, w, h), "xywh-shares")])
def test_rows_in_another_convention_are_asked_about(home: Path, written: Callable[..., tuple[float, ...]],
                                                    likely: str) -> None:
    root = _yolo(home / "set")
    for place, file in enumerate(sorted(root.rglob("labels/*/*.txt"))):
        numbers = written(0.7, 0.02 + 0.01 * (place % 3), 0.28, 0.3)
        _write(file, f"{place % 2} {' '.join(map(str, numbers))}\n")
    with pytest.raises(ConfigError, match=f"boxes={likely}'"):
        load_detection("yolo", str(root))
    assert len(load_detection("yolo", f"{root}?boxes={likely}").train) == 15


@pytest.mark.parametrize("row, said", [
    ("2 0.5 0.5 0.1 0.1", "2 is the number of no class of data.yaml, which names 2"),
    ("cat 0.5 0.5 0.1 0.1", "'cat' is not a number"), ("0 0.5 0.5 0.1", "it has 4 numbers instead of 5"),
    ("0 0.5 0.5 0.1 0.1 0.9", "it has 6 numbers instead of 5"), ("0 20 15 10 10", "20 is no share of the picture"),
    ("0 0.5 0.5 -0.1 0.1", "-0.1 is no share"), ("0 nan 0.5 0.1 0.1", "nan is no number of pixels"), ("\0", "not text"),
])
def test_a_wrong_row_is_named(home: Path, row: str, said: str) -> None:
    root = _yolo(home / "set")
    _write(root / "labels/train/p00.txt", f"\n{row}\n")
    with pytest.raises(ConfigError, match=rf"labels/train/p00\.txt, line [12]: {said}"):
        load_detection("yolo", str(root), unreadable="stop")
    assert len(load_detection("yolo", str(root)).train) == 14


@pytest.mark.parametrize("settings, said", [
    ("names: [cat, cat]", "0 and 1 are both cat"), ("names: 3", "names are a list"), ("names: [", "readable YAML"),
    ("names: [cat, dog]\ntrain: pictures/learn", "its train is pictures/learn"), ("&a [*a, *a]", "data_path"),
])
def test_settings_that_cannot_be_used_are_named(home: Path, settings: str, said: str) -> None:
    root = _yolo(home / "set", settings=settings)
    if said == "data_path":
        assert load_detection("yolo", str(root)).classes == ("0", "1")
        return
    with pytest.raises(ConfigError, match=said) as caught:
        load_detection("yolo", str(root))
    assert "\n" not in str(caught.value)


def test_one_folder_for_both_parts_is_told_and_a_fifth_held_out(home: Path) -> None:
    root = _yolo(home / "set", "lists", "train: images\nval: images\nnames: [cat, dog]\n")
    dataset = load_detection("yolo", str(root), unreadable="stop")
    assert (len(dataset.train), len(dataset.test)) == (16, 4)
    assert "pictures of val that data.yaml also names for another part, where they stay: 20" in dataset.notes
