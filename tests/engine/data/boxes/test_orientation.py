"""Boxes lie on the right pixels of pictures that EXIF turns or mirrors, annotated as stored or as displayed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from engine.data import DetectionDataset, load_detection
from tests.engine.data.box_sources import voc_xml

_ORIENTATION = 0x0112
_BOX = (6, 4, 14, 9)


def _folder(root: Path, orientation: int, *, displayed: bool, stated: bool = True, side: int = 30) -> Path:
    """Pictures with a white rectangle, which the box of their annotation surrounds in the chosen reading."""
    for place in range(10):
        pixels = np.zeros((side, 40, 3), np.uint8)
        x1, y1, x2, y2 = _BOX
        pixels[y1:y2, x1:x2] = 255
        upright = Image.fromarray(pixels)
        exif = Image.Exif()
        exif[_ORIENTATION] = orientation
        stored = _undone(upright, orientation) if displayed else upright
        (root / "images").mkdir(parents=True, exist_ok=True)
        stored.save(root / "images" / f"{place}.png", exif=exif)
        voc_xml(root / f"{place}.xml", [("cat", _BOX)], filename=f"{place}.png", width=40 if stated else 0,
                height=side if stated else 0)
    return root


def _undone(upright: Image.Image, orientation: int) -> Image.Image:
    """Return the pixels that EXIF turns into these."""
    exif = Image.Exif()
    exif[_ORIENTATION] = {6: 8, 8: 6}.get(orientation, orientation)  # all others undo themselves
    upright.info["exif"] = exif.tobytes()
    upright.getexif()[_ORIENTATION] = exif[_ORIENTATION]
    return ImageOps.exif_transpose(upright)


def _surrounded(dataset: DetectionDataset) -> bool:
    x1, y1, x2, y2 = dataset.train.annotations.boxes[0].astype(int)
    picture = dataset.picture("train", 0)
    return bool((picture[y1:y2, x1:x2] == 255).all() and (picture == 255).sum() == (x2 - x1) * (y2 - y1) * 3)


@pytest.mark.parametrize("displayed", [False, True])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_said_or_found_out(home: Path, orientation: int, displayed: bool) -> None:
    root = _folder(home / "set", orientation, displayed=displayed)
    said = load_detection("voc", f"{root}?orientation={'displayed' if displayed else 'stored'}", unreadable="stop")
    assert _surrounded(said)
    found = load_detection("voc", str(root), unreadable="stop")
    assert _surrounded(found) is (orientation == 1 or orientation >= 5 or not displayed)
    assert any("orientation=" in note for note in found.notes) is (orientation > 1)
    assert found.ledger.looks.get("orientation", "").endswith(str(orientation)) is (orientation > 1)
    if orientation > 1:
        assert (said.fingerprint == found.fingerprint) is (_surrounded(found))


def test_boxes_that_leave_the_picture_say_it_too(home: Path) -> None:
    root = _folder(home / "set", 6, displayed=True, stated=False)
    voc_xml(root / "0.xml", [("cat", _BOX), ("cat", (33, 20, 40, 30))], filename="0.png", width=0, height=0)
    assert all(_surrounded(load_detection("voc", str(root))) for _ in range(2))


def test_pictures_that_do_not_tell_follow_those_that_do(home: Path) -> None:
    root = _folder(home / "set", 3, displayed=True)
    for place in range(5):
        exif = Image.Exif()
        exif[_ORIENTATION] = 6
        Image.new("RGB", (30, 40)).save(root / "images" / f"turned{place}.png", exif=exif)
        voc_xml(root / f"turned{place}.xml", [("cat", _BOX)], filename=f"turned{place}.png")
    dataset = load_detection("voc", str(root))
    place = next(place for place, name in enumerate(dataset.train.names) if "turned" not in name)
    x1, y1, x2, y2 = _BOX
    assert (dataset.picture("train", place)[y1:y2, x1:x2] == 255).all()
