"""TinyImagenet: its folder, whose validation pictures are the test set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import load_dataset
from engine.data.facts import data_facts
from engine.errors import UserError
from tests.engine.data import sources


def refused(place: Path) -> str:
    with pytest.raises(UserError) as caught:
        load_dataset("TinyImagenet", str(place), unreadable="stop")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_annotated_validation_pictures_are_the_test_set(home: Path) -> None:
    folder = sources.tiny_imagenet(home / "mine")
    dataset = load_dataset("TinyImagenet", str(home / "mine"))
    assert dataset.train_images.shape == (20, 64, 64, 3) and dataset.test_images.shape == (8, 64, 64, 3)
    assert dataset.classes == ("animal 0", "animal 1", "animal 2", "animal 3")
    assert dataset.train_targets.tolist() == np.repeat(range(4), 5).tolist()
    assert dataset.test_targets.tolist() == [3, 2, 1, 0] * 2
    with Image.open(folder / "val" / "images" / "val_3.JPEG") as picture:
        assert np.array_equal(dataset.test_images[3], np.asarray(picture))
    assert np.ptp(dataset.train_images[1], axis=2).max() == 0  # a grey file among the colour ones
    assert load_dataset("TinyImagenet", str(folder)).fingerprint == dataset.fingerprint


def test_facts_are_the_catalogs_until_it_was_read(home: Path) -> None:
    sources.tiny_imagenet(home / "data")
    assert (len(data_facts("TinyImagenet").classes), data_facts("TinyImagenet").train) == (200, 100_000)
    load_dataset("TinyImagenet")
    assert (len(data_facts("TinyImagenet").classes), data_facts("TinyImagenet").train) == (4, 20)


def test_equal_names_are_told_apart_and_unnamed_classes_keep_their_id(home: Path) -> None:
    folder = sources.tiny_imagenet(home / "mine", classes=3)
    (folder / "words.txt").write_text("n00000000\tcrane\nn00000001\tcrane, lifting device\n")
    assert load_dataset("TinyImagenet", str(folder)).classes == ("crane (n00000000)", "crane (n00000001)", "n00000002")


def test_unreadable_pictures_stop_or_are_skipped(home: Path) -> None:
    folder = sources.tiny_imagenet(home / "mine")
    (folder / "train" / "n00000001" / "images" / "n00000001_2.JPEG").write_bytes(b"")
    assert "1 of 28 pictures" in refused(folder) and "n00000001_2.JPEG" in refused(folder)
    dataset = load_dataset("TinyImagenet", str(folder), unreadable="skip")
    assert len(dataset.train_targets) == 19 and len(dataset.skipped) == 1


def test_what_is_wrong_with_the_folder_is_named(home: Path) -> None:
    folder = sources.tiny_imagenet(home / "mine")
    annotations = folder / "val" / "val_annotations.txt"
    lines = annotations.read_text()
    annotations.write_text(lines + "val_99.JPEG\tn00000000\t0\t0\t0\t0\n")
    assert "line 9: there is no picture val/images/val_99.JPEG" in refused(folder)
    annotations.write_text(lines.replace("n00000002", "n00000009", 1))
    assert "n00000009 is not a class" in refused(folder)
    annotations.write_text("")
    assert "names no pictures" in refused(folder)
    annotations.unlink()
    assert "val_annotations.txt is missing" in refused(folder)
    assert "name the folder that contains tiny-imagenet-200" in refused(home / "empty")


def test_a_test_set_without_a_class_is_noted(home: Path) -> None:
    folder = sources.tiny_imagenet(home / "mine")
    annotations = folder / "val" / "val_annotations.txt"
    annotations.write_text(annotations.read_text().replace("n00000002", "n00000001"))
    assert load_dataset("TinyImagenet", str(folder)).notes == ("the test set has no picture of animal 2",)
