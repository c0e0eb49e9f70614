"""Arrays of pictures and targets: how they are named, and what can be wrong with them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.data import check_available, load_dataset
from engine.data.facts import data_facts
from engine.errors import ConfigError, UserError
from tests.engine.data.sources import RAMP, arrays


def refused(place: Path) -> str:
    """What the facts say, before a run is queued; loading says the same."""
    with pytest.raises(UserError) as caught:
        data_facts("npy", str(place))
    with pytest.raises(UserError) as loaded:
        load_dataset("npy", str(place))
    assert str(caught.value) == str(loaded.value) and "\n" not in str(caught.value)
    return str(caught.value)


def test_four_arrays_in_a_folder(home: Path) -> None:
    root = arrays(home / "mine")
    facts = data_facts("npy", str(root))
    assert (facts.classes, facts.train, facts.test, facts.size, facts.channels) == (
        tuple("0123456789"), 40, 20, 16, 3)
    dataset = load_dataset("npy", str(root))
    assert np.array_equal(dataset.train_images, np.load(root / "train_images.npy"))
    assert dataset.test_targets.tolist() == [*range(10)] * 2 and dataset.test_targets.dtype == np.int64
    assert data_facts("npy", str(root)) == facts and dataset.classes == facts.classes and dataset.notes == ()
    check_available("npy", str(root))


@pytest.mark.parametrize("names", [
    ("Train_data_npy", "Train_target_npy", "Test_ data_npy", "Test_target.npy"),
    ("x_train.npy", "y_train.npy", "x_test.npy", "y_test.npy"),
    ("train/images.npy", "train/labels.npy", "test/images.npy", "test/labels.npy"),
    ("train_data.npy", "train_data_labels.npy", "val_data.npy", "val_data_labels.npy"),
    ("data/training-imgs.npy", "data/training-label.npy", "data/valid-imgs.npy", "data/valid-label.npy"),
])
def test_arrays_are_found_by_the_words_of_their_names(home: Path, names: tuple[str, ...]) -> None:
    expected = load_dataset("npy", str(arrays(home / "plain"))).fingerprint
    for usual, name in zip(("train_images", "train_targets", "test_images", "test_targets"), names, strict=True):
        (home / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (home / "plain" / f"{usual}.npy").rename(home / "mine" / name)
    assert load_dataset("npy", str(home / "mine")).fingerprint == expected


def test_a_pattern_chooses_among_many(home: Path) -> None:
    root = arrays(home / "mine")
    for file in list(root.iterdir()):
        file.rename(root / f"pets_{file.name}")
    np.save(root / "old_train_images.npy", np.zeros(3))
    assert "pets_train_images.npy" in refused(root) and "old_train_images.npy" in refused(root)
    assert data_facts("npy", str(root / "pets_*.npy")).train == 40
    assert len(load_dataset("npy", str(root / "pets_*.npy")).train_images) == 40
    assert data_facts("npy", str(root / "pet?_*.npy")).train == len(
        load_dataset("npy", str(root / "pet?_*.npy")).train_images) == 40
    assert "existing place" in refused(root / "cats_*.npy")


def test_test_arrays_win_over_validation_arrays(home: Path) -> None:
    root = arrays(home / "mine")
    np.save(root / "val_images.npy", np.zeros((3, 16, 16, 3), np.uint8))
    np.save(root / "val_targets.npy", np.zeros(3, np.int64))
    assert len(load_dataset("npy", str(root)).test_images) == 20


def test_without_test_arrays_a_fifth_is_held_out(home: Path) -> None:
    root = arrays(home / "mine", train=50, test_images=None, test_targets=None)
    dataset = load_dataset("npy", str(root))
    assert np.bincount(dataset.test_targets).tolist() == [1] * 10 and len(dataset.train_images) == 40
    assert "stratified fifth" in dataset.notes[0] and data_facts("npy", str(root)).train == 40


def test_grey_arrays_may_leave_the_channel_out_and_targets_may_be_a_column(home: Path) -> None:
    random = np.random.RandomState(0)
    root = arrays(home / "mine", train_images=random.randint(0, 256, (40, 8, 8), np.uint8),
                  test_images=random.randint(0, 256, (20, 8, 8), np.uint8),
                  train_targets=(np.arange(40) % 10).astype(np.uint8)[:, None])
    dataset = load_dataset("npy", str(root))
    assert dataset.train_images.shape == (40, 8, 8, 1) and data_facts("npy", str(root)).channels == 1
    assert dataset.train_targets.shape == (40,)


def test_class_names_may_lie_beside_the_arrays(home: Path) -> None:
    root = arrays(home / "mine", classes=3)
    (root / "classes.txt").write_text("cat\ndog\nemu\n")
    assert data_facts("npy", str(root)).classes == load_dataset("npy", str(root)).classes == ("cat", "dog", "emu")
    (root / "classes.txt").write_text("cat\ndog\n")
    assert "label 2 is beyond the 2 classes" in refused(root)


def test_a_test_set_without_a_class_is_noted(home: Path) -> None:
    root = arrays(home / "mine", test_targets=np.zeros(20, np.int64))
    assert "no picture of 1, 2, 3" in load_dataset("npy", str(root)).notes[0]


MEMBERS = {
    "Keras": ("mnist.npz", ("x_train", "y_train", "x_test", "y_test")),
    "MedMNIST": ("pathmnist.npz", ("train_images", "train_labels", "test_images", "test_labels", "val_images",
                                   "val_labels")),
    "one part": ("digits.npz", ("images", "labels")),
}


@pytest.mark.parametrize("inside", ["", "folder"])
@pytest.mark.parametrize("kind", MEMBERS)
def test_one_file_may_hold_all_arrays(home: Path, kind: str, inside: str) -> None:
    file, names = MEMBERS[kind]
    (home / inside).mkdir(exist_ok=True)
    content = {name: np.arange(40) % 3 if name[0] == "y" or "label" in name else RAMP[:40].astype(np.uint8)
               for name in names}
    np.savez(home / inside / file, **content)
    dataset = load_dataset("npy", str(home / inside if inside else home / file))
    assert len(dataset.train_targets) == (32 if kind == "one part" else 40) and len(dataset.classes) == 3
    files, members, _ = dataset.ledger.accounts
    assert (files.found, members.found) == (1, len(names)) and members.unit == f"arrays of {file}"
    assert any("val_images" in note and "not used" in note for note in dataset.notes) == (kind == "MedMNIST")


def test_every_file_is_accounted_for(home: Path) -> None:
    root = arrays(home / "mine", val_images=np.zeros((3, 16, 16, 3), np.uint8), val_targets=np.zeros(3, int),
                  weights=np.zeros(3))
    (root / "README.md").write_text("words")
    (root / "classes.txt").write_text("\n".join("abcdefghij"))
    account = load_dataset("npy", str(root)).ledger.accounts[0]
    assert (account.found, account.used) == (9, {"train": 2, "test": 2, "class names": 1})
    assert {each.reason: each.first for each in account.left_out} == {
        "no array by name (.md)": ("README.md",),
        "an array of the val part, which is not used": ("val_images.npy", "val_targets.npy"),
        "an array that is named for no part, or not for what it holds": ("weights.npy",)}
    assert any("val_images.npy, val_targets.npy are not used" in note for note in load_dataset("npy", str(root)).notes)


@pytest.mark.parametrize("content", [b"", b"PK\3\4 no archive", b"text"])
def test_a_broken_file_of_arrays_is_named(home: Path, content: bytes) -> None:
    (home / "mine.npz").write_bytes(content)
    assert "mine.npz: cannot be read" in refused(home / "mine.npz")


def test_python_objects_are_refused_in_a_file_of_arrays_too(home: Path) -> None:
    np.savez(home / "mine.npz", images=RAMP[:40].astype(np.uint8), labels=np.array([object()] * 40))
    assert "Python objects" in refused(home / "mine.npz")


TRAIN = np.arange(40) % 10
BAD = [
    ({"train_images": np.zeros((40, 16, 16, 3), np.float32)}, ["train_images.npy", "float32", "(40, 16, 16, 3)"]),
    ({"train_images": np.zeros((40, 16, 16, 4), np.uint8)}, ["train_images.npy", "(40, 16, 16, 4)", "1 or 3 channels"]),
    ({"train_images": np.zeros((40, 768), np.uint8)}, ["train_images.npy", "(40, 768)", "[N, H, W, C]"]),
    ({"train_images": np.zeros((0, 16, 16, 3), np.uint8)}, ["train_images.npy", "(0, 16, 16, 3)"]),
    ({"train_images": np.zeros((39, 16, 16, 3), np.uint8)}, ["40 labels", "39 pictures", "train_images", "(39, 16"]),
    ({"test_images": np.zeros((20, 8, 8, 3), np.uint8)}, ["test_images.npy", "(20, 8, 8, 3)", "(40, 16, 16, 3)"]),
    ({"test_images": np.zeros((20, 16, 16, 1), np.uint8)}, ["test_images.npy", "(20, 16, 16, 1)"]),
    ({"train_targets": TRAIN - 1}, ["train_targets.npy", "label -1", "out of range"]),
    ({"train_targets": TRAIN + 1}, ["train_targets.npy", "no label 0", "from 0 without gaps"]),
    ({"train_targets": TRAIN * 2**40}, ["train_targets.npy", "out of range"]),
    ({"train_targets": TRAIN + 0.5}, ["train_targets.npy", "float64", "whole numbers"]),
    ({"train_targets": np.where(TRAIN > 7, np.nan, TRAIN)}, ["train_targets.npy", "float64", "whole numbers"]),
    ({"train_targets": np.eye(10, dtype=int)[TRAIN] * 2}, ["train_targets.npy", "(40, 10)", "[N]"]),
    ({"train_targets": np.ones((40, 10), bool)}, ["train_targets.npy", "(40, 10)", "[N]"]),
    ({"train_targets": np.full((40, 10), 0.1)}, ["train_targets.npy", "(40, 10)", "row with one 1"]),
    ({"train_targets": TRAIN * 0}, ["train_targets.npy", "every label is 0", "two classes"]),
    ({"train_targets": np.array(["cat", "dog"] * 20)}, ["test_targets.npy", "numbers", "train_targets.npy names"]),
    ({"train_targets": np.array(["cat", " "] * 20)}, ["train_targets.npy", "label 1 is empty"]),
    ({"train_targets": np.array([b"cat", b"\xff"] * 20)}, ["train_targets.npy", "UTF-8"]),
    ({"train_targets": np.array(["2026-01-01"] * 40, "datetime64[D]")}, ["train_targets.npy", "datetime64"]),
    ({"train_images": np.zeros((40, 16, 16, 3), np.complex64)}, ["train_images.npy", "complex64", "numbers"]),
    ({"train_images": np.zeros((40, 16, 16, 3), "U1")}, ["train_images.npy", "<U1", "numbers"]),
    ({"train_images": np.zeros((40, 16, 16, 3), np.float16)}, ["train_images.npy", "float16", "two scales", "range="]),
    ({"train_images": np.zeros((40, 16, 16, 3), np.int64)}, ["test_images.npy", "int64", "two scales", "range="]),
    ({"train_targets": np.array([object()] * 40)}, ["train_targets.npy", "cannot be read", "Python objects"]),
    ({"test_targets": TRAIN[:20] + 1}, ["test_targets.npy", "label 10", "10 classes", "train_targets.npy"]),
    ({"test_targets": TRAIN[:19]}, ["test_targets.npy", "19 labels", "20 pictures"]),
    ({"train_targets": None}, ["missing: train targets", "such as train_images.npy"]),
    ({"test_targets": None}, ["missing: test targets"]),
]


@pytest.mark.parametrize(("changes", "words"), BAD)
def test_what_is_wrong_is_one_line_with_file_and_shape(
    changes: dict[str, np.ndarray | None], words: list[str], home: Path,
) -> None:
    said = refused(arrays(home / "mine", **changes))
    assert all(word in said for word in words), said


def test_broken_files_are_named(home: Path) -> None:
    root = arrays(home / "mine")
    file = root / "test_images.npy"
    file.write_bytes(file.read_bytes()[:-1000])
    assert "test_images.npy: cannot be read" in refused(root)
    file.write_bytes(b"text")
    assert "test_images.npy: cannot be read" in refused(root)
    np.savez(root / "archive.npz", a=np.zeros(3))
    (root / "archive.npz").rename(file)
    assert "several arrays" in refused(root)


def test_no_place_is_an_error_at_data_path(home: Path) -> None:
    for place in ("", str(home / "nowhere")):
        with pytest.raises(ConfigError, match=r"^data_path: .*train_images\.npy"):
            data_facts("npy", place)
    (home / "empty").mkdir()
    assert "missing: train images, train targets" in refused(home / "empty")


@pytest.mark.parametrize("make", [lambda file: file.symlink_to("/nowhere.npy"), os.mkfifo])
def test_an_array_that_is_no_file_is_named_and_not_passed_over(home: Path, make: Callable[[Path], None]) -> None:
    root = arrays(home / "set", test_images=None)
    make(root / "test_images.npy")
    with pytest.raises(UserError, match=r"test_images\.npy: is no regular file, or a link to nothing") as caught:
        load_dataset("npy", str(root))
    assert "\n" not in str(caught.value)
