"""Nothing outside the allowed folders is read, by whatever name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.config import load_yaml, parse_config
from engine.data import load_dataset
from engine.errors import UserError
from engine.explain.picture import read_upload
from engine.files import check_allowed, open_regular
from engine.imports.sheet import read_sheet
from engine.models.weight_files import read_weights
from engine.plugins.files import add_files
from engine.study.document import load_study
from tests.engine.data import sources


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """An allowed folder and another, beside the home."""
    allowed, other = tmp_path / "allowed", tmp_path / "other"
    for folder in (allowed, other, tmp_path / "home"):
        folder.mkdir()
    monkeypatch.setenv("DARKROOM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DARKROOM_ROOTS", f"{tmp_path / 'nowhere'}{os.pathsep}{allowed}")
    return allowed, other


def test_what_lies_inside_is_read(places: tuple[Path, Path]) -> None:
    folder = sources.class_folder(places[0] / "pets")
    assert load_dataset("folder", str(folder)).classes
    assert load_dataset("Digits").classes


def test_what_lies_outside_is_refused_in_one_line(places: tuple[Path, Path]) -> None:
    folder = sources.class_folder(places[1] / "pets")
    for name in (str(folder), f"{places[0]}/../other/pets"):
        with pytest.raises(UserError, match=r"^data_path: .*outside the folders that DARKROOM_ROOTS allows") as error:
            load_dataset("folder", name)
        assert "\n" not in str(error.value)


def test_a_link_out_of_it_is_followed(places: tuple[Path, Path]) -> None:
    allowed, other = places
    sources.class_folder(other / "pets")
    (allowed / "linked").symlink_to(other / "pets")
    for said in ("", "?links=follow", "?links=skip"):
        with pytest.raises(UserError, match="outside the folders"):
            load_dataset("folder", f"{allowed / 'linked'}{said}")
    folder = sources.class_folder(allowed / "pets")
    (folder / "cats" / "000.png").unlink()
    (folder / "cats" / "000.png").symlink_to(other / "pets" / "cats" / "000.png")
    (folder / "dogs" / "more").symlink_to(other / "pets" / "dogs")
    dataset = load_dataset("folder", str(folder), unreadable="skip")
    assert "outside the folders" in str(dataset.skipped) and len(dataset.skipped) == 1
    assert "outside the folders" in dataset.ledger.accounts[0].left_out[0].reason


@pytest.mark.parametrize(("name", "read"), [
    ("options.yaml", load_yaml), ("study.yaml", load_study), ("curves.csv", read_sheet), ("a.png", read_upload),
    ("net.safetensors", read_weights), ("net.pth", read_weights), ("plugin.py", lambda path: add_files([str(path)])),
])
def test_every_kind_of_file_is_bounded(name: str, read: Callable[[Path], object], places: tuple[Path, Path]) -> None:
    (places[1] / name).write_bytes(b"name: secret")
    with pytest.raises(UserError, match="outside the folders that DARKROOM_ROOTS allows"):
        read(places[1] / name)


def test_arrays_are_bounded(places: tuple[Path, Path]) -> None:
    allowed, other = places
    for split in ("train", "test"):
        np.save(other / f"{split}_images.npy", np.zeros((4, 8, 8), np.uint8))
        np.save(allowed / f"{split}_targets.npy", np.arange(4) % 2)
        (allowed / f"{split}_images.npy").symlink_to(other / f"{split}_images.npy")
    with pytest.raises(UserError, match="outside the folders"):
        load_dataset("npy", str(allowed))


def test_without_the_setting_everything_may_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DARKROOM_ROOTS", raising=False)
    check_allowed(tmp_path)
    (tmp_path / "a").touch()
    open_regular(tmp_path / "a").close()
    assert parse_config({"data_path": str(tmp_path)}).data_path == str(tmp_path)
