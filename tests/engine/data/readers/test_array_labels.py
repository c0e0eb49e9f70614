"""Labels in arrays: numbers, rows with one 1, and names of classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.data import load_dataset
from tests.engine.data.readers.test_npy import refused
from tests.engine.data.sources import arrays

NUMBERS = np.arange(60) % 3
LABELS = {
    "one-hot": (np.eye(3)[NUMBERS], "one-hot", "012"),
    "one-hot, bool": (np.eye(3, dtype=bool)[NUMBERS], "one-hot", "012"),
    "floats": (NUMBERS.astype(np.float32), "stored as float32", "012"), "a column": (NUMBERS[:, None], "column", "012"),
    "a column of floats": (NUMBERS[:, None] * 1.0, "stored as float64", "012"),
    "names": (np.array(["emu", "cat", "dog"])[NUMBERS], "class names", ("cat", "dog", "emu")),
    "bytes": (np.array(["é", "b", "c"])[NUMBERS].astype("U1"), "class names", ("b", "c", "é")),
    "numbers as text": (np.array(["10", "9", "2"])[NUMBERS], "class names", ("2", "9", "10")),
    "bool": (NUMBERS == 1, "true is class 1", "01"),
}


@pytest.mark.parametrize("form", LABELS)
def test_labels_in_any_form_are_recognised_and_told(home: Path, form: str) -> None:
    labels, said, classes = LABELS[form]
    root = arrays(home / "mine", train_targets=labels[:40], test_targets=labels[40:])
    dataset = load_dataset("npy", str(root))
    assert dataset.classes == tuple(classes) and any(said in note for note in dataset.notes)
    names = np.array(dataset.classes)[dataset.test_targets]
    usual = {"bool": np.array(["0", "1"])[(NUMBERS[40:] == 1).astype(int)]}.get(
        form, labels[40:] if labels.dtype.kind == "U" else NUMBERS[40:].astype(str))
    assert names.tolist() == usual.tolist()


def test_names_as_labels_may_be_ordered_by_the_list_of_classes(home: Path) -> None:
    labels = np.array(["emu", "cat", "dog"])[NUMBERS]
    root = arrays(home / "mine", train_targets=labels[:40], test_targets=labels[40:])
    (root / "classes.txt").write_text("dog\nemu\ncat\n")
    assert load_dataset("npy", str(root)).classes == ("dog", "emu", "cat")
    np.save(root / "test_targets.npy", np.where(labels[40:] == "emu", "yak", labels[40:]))
    assert "'yak' is none of the 3 classes" in refused(root)
    (root / "classes.txt").write_text("dog\nemu\ncat\nyak\n")
    assert "no label is 'yak'" in refused(root)
