"""What is known of a data set before it is loaded."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.catalog.datasets import DATASETS, canonical_name
from engine.data import load_dataset, loading
from engine.data.facts import Facts, data_facts
from engine.errors import ConfigError
from engine.home import ROOT
from tests.engine.data import sources

FIXED = [name for name, row in DATASETS.items() if not row.user_provided]


@pytest.mark.parametrize("name", FIXED)
def test_a_fixed_sets_facts_are_its_row_wherever_it_is(name: str, home: Path) -> None:
    row = DATASETS[name]
    expected = Facts(row.classes, row.train, row.test, row.size, row.channels, row.flips)
    assert data_facts(name) == data_facts(name, str(home / "nowhere")) == expected


def test_once_read_a_smaller_copy_tells_its_own_counts(home: Path) -> None:
    sources.fashion(home / "mine")
    assert data_facts("FashionMNIST", str(home / "mine")).train == 60_000
    load_dataset("FashionMNIST", str(home / "mine"))
    assert data_facts("FashionMNIST", str(home / "mine")).train == 40
    assert data_facts("FashionMNIST", str(home / "other")).train == 60_000


def test_facts_of_every_kind_need_neither_torch_nor_scipy(home: Path) -> None:
    sources.class_folder(home / "pets")
    sources.arrays(home / "arrays")
    code = (f"import sys; from engine.data.facts import data_facts; data_facts('Shapes'); data_facts('SVHN'); "
            f"data_facts('folder', {str(home / 'pets')!r}); data_facts('npy', {str(home / 'arrays')!r}); "
            "print([m for m in ('torch', 'scipy', 'sklearn', 'torchvision') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_a_form_may_ask_for_a_folders_facts_again_and_again(home: Path) -> None:
    root = str(sources.class_folder(home / "pets", count=200, classes=tuple("abcde")))
    data_facts("folder", root)
    start = time.perf_counter()
    for _ in range(100):
        data_facts("folder", root)
    assert (time.perf_counter() - start) / 100 < 0.01


def test_how_far_a_folder_was_read_is_told(home: Path) -> None:
    root, said = sources.class_folder(home / "pets", count=20), []
    with loading.telling(said.append, every=0):
        data_facts("folder", str(root))
    assert said[:2] == ["reading folder: 1 file opened so far", "reading folder: 2 files opened so far"]


def test_names_are_spelled_as_the_catalog_does() -> None:
    names = {"cifar10": "CIFAR10", "FOLDER": "folder", "cifar11": "cifar11"}
    assert {name: canonical_name(name) for name in names} == names


@pytest.mark.parametrize("dataset", ["folder", "npy", "CIFAR10"])
@pytest.mark.parametrize(("place", "words"), [
    ("x" * 3000, "File name too long"), ("~nobody-of-this-name/x", "home"), ("a\0b", "null")])
def test_a_place_that_cannot_be_looked_at_is_a_mistake_in_data_path(dataset: str, place: str, words: str) -> None:
    for ask in (data_facts, load_dataset):
        with pytest.raises(ConfigError, match=f"^data_path: .*{words}"):
            ask(dataset, place)


def test_a_whole_disk_named_by_mistake_is_refused_in_a_moment(home: Path) -> None:
    deep = home.joinpath(*"abcdefgh")
    deep.mkdir(parents=True)
    sources.picture().save(deep / "far.png")
    with pytest.raises(ConfigError, match="only h has pictures"):
        data_facts("folder", str(home))
    start = time.perf_counter()
    with pytest.raises(ConfigError):
        data_facts("npy", "/")
    assert time.perf_counter() - start < 10
