"""Statistics of boxes, and every kind of suspect on drawn cases."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from engine.data import DetectionDataset, load_detection
from engine.data.audits.audit import known_leaks
from engine.data.audits.box_leaks import box_leaks
from engine.data.audits.boxes import (
    MAP_COLUMNS,
    MAP_ROWS,
    aspect_ratios,
    counts,
    coverage,
    objects_per_picture,
    picture_sizes,
    report,
)
from engine.data.audits.suspects import KINDS, suspect_to_dict, suspects
from tests.engine.data.box_sources import Shown, many, picture_file, voc, voc_xml

GOOD = ("cat", (2, 3, 12, 23))
CASES: dict[str, list[tuple[str, tuple[float, float, float, float]]]] = {
    "outside": [GOOD, ("cat", (40, 3, 50, 9))], "flat": [GOOD, ("dog", (30, 5, 30, 20))],
    "duplicate": [GOOD, ("cat", (2, 3, 12, 22.5))], "contradictory": [GOOD, ("dog", (2, 3, 12, 23))],
    "tiny": [GOOD, ("dog", (20, 5, 23, 25))], "whole": [("dog", (0, 0, 40, 30))],
    "edge": [("dog", (20, 5, 45, 25))], "empty": [],
}


def _opened(home: Path, pictures: dict[str, Shown]) -> DetectionDataset:
    names = list(pictures)
    return load_detection("voc", str(voc(home / "voc", pictures, {"train": names[:-2], "test": names[-2:]})))


@pytest.mark.parametrize("kind", CASES)
def test_each_kind_is_found_and_nothing_else(home: Path, kind: str) -> None:
    fine: dict[str, Shown] = {name: shown for name, shown in many().items() if shown}
    dataset = _opened(home, {**dict(list(fine.items())[:5]), "odd": CASES[kind], **dict(list(fine.items())[5:])})
    found = suspects(dataset)
    assert [(each.kind, each.split, dataset.train.names[each.picture]) for each in found] == \
        [(kind, "train", "JPEGImages/odd.jpg")]
    assert len(found[0].rows) == {"empty": 0, "duplicate": 2, "contradictory": 2}.get(kind, 1)
    row = suspect_to_dict(dataset, found[0])
    assert row["where"][-1] == ("Annotations/odd.xml" if kind == "empty" else
                                f"Annotations/odd.xml, line {4 + 5 * (len(CASES[kind]) - 1)}")


def test_other_sizes_and_copies_are_found(home: Path) -> None:
    root = voc(home / "voc", {name: shown for name, shown in many().items() if shown})
    voc_xml(root / "Annotations" / "p02.xml", [GOOD], filename="p02.jpg", width=80, height=60)
    for name in ("p04", "p05"):
        picture_file(root / "JPEGImages" / f"{name}.jpg", seed=0)  # p00's
    kinds = [each.kind for each in suspects(load_detection("voc", str(root)))]
    assert kinds == ["size", "copy", "copy"]


def test_test_pictures_that_are_changed_training_pictures_are_found(home: Path) -> None:
    side, names = 64, [f"p{number:02}" for number in range(12)]
    root = voc(home / "voc", {name: [GOOD] for name in names}, {"train": names[:8], "test": names[8:]})
    random = np.random.default_rng(3)
    for name in names:
        drawn = gaussian_filter(random.normal(size=(side, side, 3)), (3, 3, 0)) * 900 + 128
        _save(root, name, Image.fromarray(drawn.clip(0, 255).astype(np.uint8)))
    first, second = (Image.open(root / "JPEGImages" / f"{name}.jpg").convert("RGB") for name in names[:2])
    _save(root, names[8], first.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    _save(root, names[9], second.resize((side * 2, side * 2)))
    shutil.copy(root / "JPEGImages" / f"{names[2]}.jpg", root / "JPEGImages" / f"{names[10]}.jpg")
    dataset = load_detection("voc", str(root))
    assert known_leaks(dataset.fingerprint) is None
    found = [each for each in suspects(dataset) if each.kind == "leak"]
    assert [(each.split, dataset.test.names[each.picture]) for each in found] == [
        ("test", f"JPEGImages/{name}.jpg") for name in names[8:10]]
    assert known_leaks(dataset.fingerprint) == {0, 1, 2}
    assert [(leak.train, leak.mirrored) for leak in box_leaks(dataset).near] == [(0, True), (1, False)]


def _save(root: Path, name: str, picture: Image.Image) -> None:
    picture.save(root / "JPEGImages" / f"{name}.jpg", quality=85)
    voc_xml(root / "Annotations" / f"{name}.xml", [GOOD], filename=f"{name}.jpg", width=picture.width,
            height=picture.height)


def test_counts_and_shapes(home: Path) -> None:
    dataset = _opened(home, {"a": [GOOD, GOOD, ("dog", (0, 0, 20, 15))], "b": [], "c": [("dog", (0, 15, 40, 30))],
                             "d": [GOOD], "e": [GOOD]})
    boxes, pictures = counts(dataset.train, 2)
    assert boxes.tolist() == [2, 2] and pictures.tolist() == [1, 2]
    assert objects_per_picture(dataset.train).tolist() == [3, 0, 1]
    assert aspect_ratios(dataset.train)[[0, 3]].tolist() == pytest.approx([0.5, 40 / 15])
    assert picture_sizes(dataset) == [((30, 40), 5)]
    figures = report(dataset)
    assert figures["boxes"] == {"train": 4, "test": 2} and figures["without_boxes"] == {"train": 1, "test": 0}
    assert figures["box_area"]["most"] == 600 and len(figures["suspects"]) == 2


def test_coverage_counts_the_boxes_over_each_cell(home: Path) -> None:
    dataset = _opened(home, {"a": [("cat", (0, 0, 20, 15)), ("dog", (10, 0, 40, 30))], "b": [("cat", (0, 0, 40, 30))],
                             "c": [GOOD], "d": [GOOD]})
    drawn = np.ones((MAP_ROWS, MAP_COLUMNS))
    drawn[:MAP_ROWS // 2, :MAP_COLUMNS // 2] += 1
    drawn[:, MAP_COLUMNS // 4:] += 1
    assert np.array_equal(coverage(dataset.train), drawn)
    assert coverage(dataset.train, 1).sum() == MAP_ROWS * MAP_COLUMNS * 3 / 4


def test_the_generated_scenes_are_clean(scenes: None) -> None:
    assert {each.kind for each in suspects(load_detection("Scenes"))} == {"empty"}
    assert all(kind.meaning.endswith(".") for kind in KINDS.values())
