"""Pictures of more than 8 bits: scaled by one range of the whole set, which is told and can be set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine.data import load_dataset, load_detection
from engine.data.readers import pictures as reading
from engine.errors import ConfigError, UserError
from tests.engine.data.box_sources import voc_xml

KINDS: dict[str, tuple[str, NDArray[Any]]] = {
    "12 bits in 16": ("tif", np.array((0, 4095), np.uint16)),
    "8 bits in 16": ("png", np.array((0, 255), np.uint16)),
    "16 bits": ("png", np.array((0, 65535), np.uint16)),
    "signed": ("tif", np.array((-1024, 3071), np.int32)),
    "shares": ("tif", np.array((0, 1), np.float32)),
    "heights": ("tif", np.array((-12.5, 880), np.float32)),
    "a narrow range": ("tif", np.array((30_000, 30_010), np.uint16)),
}


def deep_folder(root: Path, kind: str, darkest: float = 0, brightest: float = 1) -> Path:
    """Ramps from the kind's lowest to its highest value; one class has only the darker half of them."""
    suffix, (low, high) = KINDS[kind]
    for name, reach in (("dark", 0.5), ("light", 1.0)):
        (root / name).mkdir(parents=True)
        for number in range(10):
            ramp = np.linspace(low, low + reach * (high - low), 64).reshape(8, 8)
            Image.fromarray(np.roll(ramp, number).astype(KINDS[kind][1].dtype)).save(root / name / f"{number}.{suffix}")
    return root


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_one_range_of_the_whole_set_scales_every_picture(
        home: Path, kind: str, streamed: bool, read_here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    if streamed:
        monkeypatch.setattr(reading, "MEMORY_BUDGET", 0)
    root = deep_folder(home / "set", kind)
    dataset = load_dataset("folder", str(root))
    images = np.asarray(dataset.train_images[np.arange(len(dataset.train_targets))])
    low, high = KINDS[kind][1].tolist()
    assert images.shape[1:] == (8, 8, 1) and images.min() == 0 and dataset.streamed == streamed
    dark, light = (images[dataset.train_targets == label].max() for label in (0, 1))
    assert light == 255 and 127 <= dark <= 130
    assert dataset.ledger.values == (low, high)
    assert any(f"values {low:g} to {high:g} are black to white" in note for note in dataset.notes)
    assert dataset.ledger.looks["depth"].startswith("20 of more than 8 bits")


def test_the_range_can_be_said(home: Path) -> None:
    root = deep_folder(home / "set", "12 bits in 16")
    dataset = load_dataset("folder", f"{root}?range=0:8190")
    assert np.asarray(dataset.train_images[:]).max() == 128 and dataset.ledger.values == (0, 8190)
    assert not any("lowest" in note for note in dataset.notes)


@pytest.mark.parametrize("kind", ["12 bits in 16", "signed", "shares"])
def test_pictures_with_boxes_are_scaled_alike(home: Path, kind: str) -> None:
    root = deep_folder(home / "set", kind)
    for file in sorted(root.rglob(f"*.{KINDS[kind][0]}")):
        part = "val" if file.stem > "6" else "train"
        voc_xml(root / part / f"{file.parent.name}_{file.stem}.xml", [(file.parent.name, (0, 0, 8, 8))],
                filename=f"{file.parent.name}_{file.stem}{file.suffix}", width=8, height=8)
        file.rename(root / part / f"{file.parent.name}_{file.name}")
    dataset, (low, high) = load_detection("voc", str(root)), KINDS[kind][1].tolist()
    darkest, lightest = (max(dataset.picture("train", place).max() for place in range(14) if name in
                             dataset.train.names[place]) for name in ("dark", "light"))
    assert lightest == 255 and 127 <= darkest <= 130 and dataset.ledger.values == (low, high)
    assert dataset.ledger.looks["depth"].startswith("20 of more than 8 bits") and "8×8" in dataset.ledger.looks["sizes"]
    said = load_detection("voc", f"{root}?range={low}:{2 * high - low}")
    assert 127 <= max(said.picture("train", place).max() for place in range(14)) <= 130
    assert said.fingerprint != dataset.fingerprint


@pytest.mark.parametrize("said", ["0-4095", "9:3", "nan:1", "0:inf", "a:b", "0:1:2"])
def test_a_range_that_is_none_is_refused(home: Path, said: str) -> None:
    root = deep_folder(home / "set", "12 bits in 16")
    with pytest.raises(ConfigError, match="two rising numbers"):
        load_dataset("folder", f"{root}?range={said}")


def test_values_that_are_no_numbers_do_not_count(home: Path) -> None:
    root = deep_folder(home / "set", "shares")
    holes = np.full((8, 8), np.nan, np.float32)
    holes[0, :2] = np.inf, 0.5
    Image.fromarray(holes).save(root / "light" / "holes.tif")
    assert load_dataset("folder", str(root)).ledger.values == (0, 1)


def test_the_looks_of_a_set_are_told(home: Path) -> None:
    root = home / "set"
    for name in ("a", "b"):
        (root / name).mkdir(parents=True)
        for number in range(5):
            Image.new("RGB", (9 + number, 8)).save(root / name / f"{number}.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("L", (10, 8), 9).save(root / "a" / "turned.jpg", exif=exif)
    looks = load_dataset("folder", str(root)).ledger.looks
    assert looks == {"sizes": "5 sizes, 9×8 to 13×8, most often 10×8 (3); read as 8×8",
                     "channels": "10 colour, 1 grey; read as colour", "depth": "8 bits",
                     "orientation": "1 turned upright, as their EXIF data say"}


@pytest.mark.parametrize(("highest", "told"), [(1, True), (15, True), (63, True), (64, False), (0, False)])
def test_pictures_of_small_bytes_are_told_to_be_nearly_black(home: Path, highest: int, told: bool) -> None:
    for name in ("a", "b"):
        (home / "set" / name).mkdir(parents=True)
        for number in range(5):
            Image.new("L", (8, 8), highest).save(home / "set" / name / f"{number}.png")
    notes = load_dataset("folder", str(home / "set")).notes
    assert any(f"nearly black: none of their values is above {highest}," in note for note in notes) is told


def test_a_set_without_a_readable_picture_has_no_looks(home: Path) -> None:
    for name in ("a", "b"):
        (home / "set" / name).mkdir(parents=True)
        for number in range(5):
            (home / "set" / name / f"{number}.tif").write_bytes(b"II*\0")
    with pytest.raises(UserError, match="no training picture of a"):
        load_dataset("folder", str(home / "set"))
