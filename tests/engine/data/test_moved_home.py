"""What was prepared from files inside the home is found again when the home is renamed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.data import load_dataset, load_detection
from engine.data.boxes.dataset import DetectionDataset
from engine.data.dataset import Dataset
from engine.data.facts import data_facts
from engine.data.prepared import prepared_dir
from tests.engine.data import sources
from tests.engine.data.box_sources import many, voc

Load = Callable[[Path], Dataset | DetectionDataset]


def _fashion(home: Path) -> Dataset:
    return load_dataset("FashionMNIST", str(home / "data" / "mine"))


def _folder(home: Path) -> Dataset:
    return load_dataset("folder", str(home / "data" / "pets"))


def _voc(home: Path) -> DetectionDataset:
    return load_detection("voc", str(home / "data" / "voc"))


@pytest.fixture
def before(tmp_path: Path, read_here: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with three sets of the user's, two of which stay in their files."""
    home = tmp_path / "before"
    monkeypatch.setenv("DARKROOM_HOME", str(home))
    monkeypatch.setattr("engine.data.readers.pictures.MEMORY_BUDGET", 1000)
    sources.fashion(home / "data" / "mine")
    sources.class_folder(home / "data" / "pets", count=20)
    voc(home / "data" / "voc", many())
    return home


@pytest.mark.parametrize("load", [_fashion, _folder, _voc])
def test_nothing_is_prepared_again(before: Path, monkeypatch: pytest.MonkeyPatch, load: Load) -> None:
    loaded, after = load(before), before.with_name("after")
    kept = _files(before)
    before.rename(after)
    monkeypatch.setenv("DARKROOM_HOME", str(after))
    again = load(after)
    assert again.fingerprint == loaded.fingerprint and _files(after) == kept
    assert np.asarray(_first(again)).any()


def test_a_set_whose_source_is_gone_moves_with_the_home(before: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, after = _fashion(before), before.with_name("after")
    for file in (before / "data" / "mine").iterdir():
        file.unlink()
    before.rename(after)
    monkeypatch.setenv("DARKROOM_HOME", str(after))
    assert _fashion(after).fingerprint == loaded.fingerprint
    assert data_facts("FashionMNIST", str(after / "data" / "mine")).train == len(loaded.train_targets)


def test_what_an_earlier_version_prepared_is_still_used(before: Path) -> None:
    source = before / "data" / "mine"
    loaded, now = _fashion(before), prepared_dir("FashionMNIST", source)
    key = hashlib.sha256(str(source.resolve()).encode()).hexdigest()[:8]
    earlier = now.rename(now.with_name(f"FashionMNIST-{key}"))
    assert prepared_dir("FashionMNIST", source) == earlier
    assert _fashion(before).fingerprint == loaded.fingerprint and not now.exists()


def _files(home: Path) -> dict[str, int]:
    """When each file of what is prepared was written."""
    prepared = home / "data" / "prepared"
    return {str(path.relative_to(home)): path.stat().st_mtime_ns for path in prepared.rglob("*.json")}


def _first(dataset: Dataset | DetectionDataset) -> object:
    if isinstance(dataset, Dataset):
        return dataset.train_images[np.array([0])]
    return dataset.train.source.picture(0, 0)
