"""A prepared copy that is damaged is made again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.data import load_dataset
from tests.fuzz.damage import npy


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


def _content(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


@pytest.mark.parametrize(("name", "damage"), [
    ("train_images.npy", _pipe), ("test_images.npy", _sparse), ("train_images.npy", _content(npy((2**63, 8, 8, 1)))),
    ("train_targets.npy", _content(npy((1437,), "<i8", np.full(1437, 12).tobytes()))),
    ("test_targets.npy", _content(npy((10**12,), "<i8"))), ("train_targets.npy", _pipe),
    ("meta.json", _content(b'{"format": 2, "shapes": {"train_images": [1, 2], "test_images": 3}}')),
    ("meta.json", _content(b'{"format": 2, "shapes": [], "classes": 1}')), ("meta.json", _pipe)])
def test_a_damaged_copy(home: Path, name: str, damage: Callable[[Path], object]) -> None:
    sound = load_dataset("Digits")
    (folder,) = (home / "data" / "prepared").glob("Digits-*")
    (folder / name).unlink()  # else what is mapped would be cut short
    damage(folder / name)
    again = load_dataset("Digits")
    assert again.fingerprint == sound.fingerprint and np.array_equal(again.train_images, sound.train_images)
