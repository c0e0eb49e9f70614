"""Digits: 8×8 handwritten digits from a file inside the scikit-learn package."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Arrays
from engine.data.readers.loaders import Loader, all_files
from engine.data.split import hold_out_test
from engine.errors import UserError


def folders(data_path: Path | None) -> list[Path]:
    """Return the package's data folder, without the seconds that importing scikit-learn takes."""
    spec = importlib.util.find_spec("sklearn")
    roots = spec.submodule_search_locations if spec and spec.submodule_search_locations else []
    return [Path(root, "datasets", "data") for root in roots]


def find(folder: Path) -> list[Path]:
    return all_files(folder, ["digits.csv.gz"])


def read(_folder: Path, files: Sequence[Path], row: DatasetRow) -> Arrays:
    """Return the 1,797 digits; grey values 0–16 become 0–255, a fixed stratified fifth becomes the test set.

    Raises:
        UserError: the file cannot be read.
    """
    try:
        table = np.loadtxt(files[0], delimiter=",")
        images = np.rint(table[:, :64] * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)
        targets = table[:, 64].astype(np.int64)
    except (OSError, EOFError, ValueError, IndexError) as error:
        raise UserError(f"{files[0]}: cannot be read as digits ({error}); reinstall scikit-learn") from error
    train, test = hold_out_test(targets, row.classes)
    return Arrays(images[train], targets[train], images[test], targets[test])


LOADER = Loader(folders, find, read)
