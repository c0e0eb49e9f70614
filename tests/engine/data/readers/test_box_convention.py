"""Numbers of boxes that mean something else than the format says are asked about, and read as the user says."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.data import load_detection
from engine.data.reading import BOXES
from engine.errors import ConfigError
from tests.engine.data.box_sources import Shown, coco, many, voc

_WIDTH, _HEIGHT = 40, 30


def _written(shown: Shown, convention: str) -> Shown:
    """Return boxes with their numbers in a convention."""
    written = []
    for name, (x1, y1, x2, y2) in shown:
        across, down = (_WIDTH, _HEIGHT) if convention.endswith("-shares") else (1, 1)
        numbers = {"xyxy": (x1, y1, x2, y2), "xywh": (x1, y1, x2 - x1, y2 - y1),
                   "cxcywh": ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1)}[convention.removesuffix("-shares")]
        written.append((name, (numbers[0] / across, numbers[1] / down, numbers[2] / across, numbers[3] / down)))
    return written


def _source(root: Path, format: str, convention: str) -> Path:
    pictures = {name: _written(shown, convention) for name, shown in many(20).items()}
    if format == "voc":
        return voc(root, pictures)
    # The helper writes corners as [x, y, width, height].
    return coco(root, {name: [(label, (x, y, x + w, y + h)) for label, (x, y, w, h) in shown]
                       for name, shown in pictures.items()})


@pytest.mark.parametrize("format", ["coco", "voc"])
@pytest.mark.parametrize("convention", BOXES)
def test_each_convention_is_read_as_said(home: Path, format: str, convention: str) -> None:
    root = _source(home / "set", format, convention)
    dataset = load_detection(format, f"{root}?boxes={convention}", unreadable="stop")
    expected = load_detection(format, str(_source(home / "usual", format, "xyxy" if format == "voc" else "xywh")))
    assert dataset.train.annotations.boxes == pytest.approx(expected.train.annotations.boxes, abs=1e-4)


@pytest.mark.parametrize("format, convention, likely", [
    ("coco", "xywh-shares", "xywh-shares"), ("coco", "cxcywh-shares", "xywh-shares"), ("coco", "xyxy", "xyxy"),
    ("voc", "xyxy-shares", "xyxy-shares"), ("voc", "xywh", "xywh"),
])
def test_what_looks_otherwise_is_asked_about(home: Path, format: str, convention: str, likely: str) -> None:
    root = _source(home / "set", format, convention)
    with pytest.raises(ConfigError, match=rf"24 .*boxes={likely}'") as caught:
        load_detection(format, str(root))
    assert "\n" not in str(caught.value)


def test_an_unknown_convention_is_refused(home: Path) -> None:
    root = _source(home / "set", "coco", "xywh")
    with pytest.raises(ConfigError, match="boxes=xywh or xyxy"):
        load_detection("coco", f"{root}?boxes=corners")
