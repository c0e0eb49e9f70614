"""Tiles of one original are told from other numbered pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.data import load_detection
from engine.data.readers.tiles import originals
from tests.engine.data.box_sources import many, voc


@pytest.mark.parametrize("names, tiled", [
    (("field_0_0.png", "field_0_512.png", "field_512_0.png"), True),
    (("P0001__1__0___0.png", "P0001__1__0___824.png"), True),
    (("a/field_0_0_640_640.jpg", "a/field_512_0_1152_640.jpg"), True),
    (("field_x0_y0.png", "field_x256_y0.png"), True),
    (("IMG_2024_0001.jpg", "IMG_2024_0002.jpg"), False), (("frame_0_1.png", "frame_0_2.png"), False),
    (("20240101_101112.jpg", "20240101_101116.jpg"), False), (("a_0_512.png",), False),
])
def test_offsets_on_a_grid_are_tiles(names: tuple[str, ...], tiled: bool) -> None:
    assert bool(originals(names)) is tiled


def test_tiles_in_both_parts_are_told(home: Path) -> None:
    tiles = {f"field_{512 * (place // 5)}_{512 * (place % 5)}": shown for place, shown in enumerate(many(20).values())}
    notes = load_detection("voc", str(voc(home / "set", tiles))).notes
    assert any("tiles of 1 originals lie in training and in test" in note for note in notes)
    assert not any("tiles" in note for note in load_detection("voc", str(voc(home / "plain", many(20)))).notes)
