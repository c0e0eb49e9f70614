"""SVHN from its MATLAB files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.data import load_dataset
from engine.data.facts import data_facts
from engine.errors import UserError
from tests.engine.data import sources


@pytest.mark.parametrize("inside", ["", "SVHN"])
def test_svhn_from_a_named_folder_as_torchvision_reads_it(home: Path, inside: str) -> None:
    from torchvision.datasets import SVHN

    class Unchecked(SVHN):
        def _check_integrity(self) -> bool:
            return True

    folder = sources.svhn(home / "mine" / inside)
    dataset = load_dataset("SVHN", str(home / "mine"))
    for split, images, targets in (("train", dataset.train_images, dataset.train_targets),
                                   ("test", dataset.test_images, dataset.test_targets)):
        theirs = Unchecked(str(folder), split=split)
        assert np.array_equal(images, theirs.data.transpose(0, 2, 3, 1)) and np.array_equal(targets, theirs.labels)
    assert dataset.classes == tuple("0123456789") and dataset.train_targets[9] == 0
    assert not data_facts("SVHN", str(home / "mine")).flips


@pytest.mark.parametrize(("changes", "words"), [
    ({"y": np.full((40, 1), 11, np.uint8)}, "from 1 to 10"),
    ({"y": np.ones((39, 1), np.uint8)}, "39 labels y for 40 pictures"),
    ({"y": np.ones((40, 1))}, "not a number"),
    ({"X": np.zeros((28, 28, 3, 40), np.uint8)}, "32×32×3"),
    ({"X": np.zeros((32, 32, 3, 40))}, "32×32×3"),
])
def test_broken_content_is_named(home: Path, changes: dict[str, np.ndarray], words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        load_dataset("SVHN", str(sources.svhn(home / "mine", **changes)))
    assert "train_32x32.mat" in str(caught.value) and "\n" not in str(caught.value)


def test_a_broken_or_missing_file_is_named(home: Path) -> None:
    folder = sources.svhn(home / "mine")
    (folder / "test_32x32.mat").write_bytes(b"<html>not found</html>" * 20)
    with pytest.raises(UserError, match=r"test_32x32\.mat: cannot be read"):
        load_dataset("SVHN", str(folder))
    (folder / "test_32x32.mat").unlink()
    with pytest.raises(UserError, match=r"test_32x32\.mat is missing"):
        load_dataset("SVHN", str(folder))
