"""A data set is one row and the loader that it names: nothing else knows it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from app.form.fields import fields, value_help
from engine.catalog.datasets import DATASETS, DatasetRow
from engine.config import parse_config
from engine.data import load_dataset
from engine.data.dataset import Arrays
from engine.data.facts import data_facts
from engine.data.readers.loaders import Loader
from engine.errors import ConfigError, UserError
from tests.engine.training.runs import Notebook, setup, train

FILE = "lamps.npy"


def _folders(data_path: Path | None) -> list[Path]:
    return [data_path] if data_path else []


def _find(folder: Path) -> list[Path]:
    return [file for file in (folder / FILE,) if file.is_file()]


def _read(_folder: Path, files: Sequence[Path], row: DatasetRow) -> Arrays:
    images = np.load(files[0])
    targets = (np.arange(len(images)) % 2).astype(np.int64)
    return Arrays(images[:row.train], targets[:row.train], images[row.train:], targets[row.train:])


LOADER = Loader(_folders, _find, _read)
ROW = DatasetRow("Dark or bright.", ("off", "on"), 400, 100, 8, 1, missing=f"name the folder of {FILE}",
                 loader=f"{__name__}:LOADER", files=True)


@pytest.fixture
def lamps(home: Path, read_here: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the set's file."""
    monkeypatch.setitem(DATASETS, "Lamps", ROW)
    images = np.random.RandomState(0).randint(0, 100, (500, 8, 8, 1), np.uint8)
    images[1::2] += 100
    np.save(home / FILE, images)
    return home


def test_a_run_learns_it(lamps: Path) -> None:
    notebook = Notebook()
    train(lamps / "run", notebook, setup(dataset="Lamps", data_path=str(lamps), batch_size=16, epochs=1))
    assert notebook.epochs[1]["val_accuracy"] > 0.9
    dataset = load_dataset("Lamps", str(lamps))
    assert (dataset.classes, len(dataset.test_targets)) == (("off", "on"), 100)
    assert data_facts("Lamps", str(lamps)).train == 400


def test_the_form_the_options_and_the_messages_know_it(lamps: Path) -> None:
    (field,) = [field for field in fields() if field.name == "dataset"]
    assert "Lamps" in field.choices and value_help("dataset", "Lamps", "classification") == ROW.help
    assert parse_config({"dataset": "lamps", "unreadable": "skip"}).unreadable == "skip"
    with pytest.raises(UserError, match=f"Lamps was not found in /nowhere: name the folder of {FILE}"):
        load_dataset("Lamps", "/nowhere")


def test_without_its_row_it_is_unknown(home: Path) -> None:
    with pytest.raises(ConfigError, match="dataset: 'Lamps' is not"):
        parse_config({"dataset": "Lamps"})
