"""A run of one epoch on each kind of data set, from the command line to its results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.cli.main import main
from engine.data import load_dataset
from engine.data.photographs.keeping import kept_stores
from engine.data.readers import pictures as reading
from engine.data.readers.cifar import CIFAR10, CIFAR100
from engine.store import Run, Store
from tests.engine.data import sources
from tests.engine.data.box_sources import many, voc
from tests.engine.data.photographs.jpegs import jpeg_folder

MAKERS: dict[str, Callable[[Path], Path]] = {
    "FashionMNIST": lambda place: sources.fashion(place)["train-images"].parent,
    "CIFAR10": lambda place: sources.cifar(place, CIFAR10),
    "CIFAR100": lambda place: sources.cifar(place, CIFAR100, count=300, classes=100),
    "TinyImagenet": sources.tiny_imagenet,
    "SVHN": sources.svhn,
    "npy": sources.arrays,
    "folder": lambda place: sources.class_folder(place, count=15),
}


def trained(dataset: str, place: Path, *more: str) -> Run:
    code = main(["train", "--dataname", dataset, "--data-path", str(place), "--epochs", "1", "--batch-size", "8",
                 "--val-fraction", "0.3", "--device", "cpu", *more])
    [run] = Store.open().runs.list()
    assert code == 0 and run.status == "finished", run.error
    return run


@pytest.mark.parametrize("dataset", MAKERS)
def test_every_kind_of_data_set_is_trained_on_and_tested(dataset: str, home: Path) -> None:
    run = trained(dataset, MAKERS[dataset](home / "mine"))
    assert run.dataset_fingerprint and run.test_accuracy is not None
    classes = run.resolved["class_names"]
    assert len(classes) == {"CIFAR100": 100, "TinyImagenet": 4, "folder": 3}.get(dataset, 10)
    assert run.resolved["channels"] == (1 if dataset == "FashionMNIST" else 3)


def test_a_streamed_run_learns_exactly_what_one_from_memory_does(
    home: Path, read_here: None, monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = sources.class_folder(home / "mine", count=15)
    (folder / "cats" / "bad.png").write_bytes(b"no picture")
    # Each home would measure for itself which layout is faster, and another layout rounds differently.
    for module in ("machine", "small_maps"):
        monkeypatch.setattr(f"engine.training.{module}.cached", lambda key, measure: {})
    runs, losses = {}, []
    for name, budget in (("memory", reading.MEMORY_BUDGET), ("streamed", 1000)):
        monkeypatch.setenv("DARKROOM_HOME", str(home / name))
        monkeypatch.setattr(reading, "MEMORY_BUDGET", budget)
        runs[name] = trained("folder", folder, "--unreadable", "skip", "--aug-name", "weak")
        losses.append(Store.open().metrics.summary(runs[name].id)["loss"])
    assert runs["memory"].dataset_fingerprint != runs["streamed"].dataset_fingerprint
    assert losses[0] == losses[1]
    assert runs["streamed"].resolved["skipped"] == ["cats/bad.png: cannot be read (its content is no picture)"]
    assert any("cats/bad.png" in note for note in runs["streamed"].resolved["notes"])


def test_photographs_are_learnt_alike_with_and_without_a_store(
    home: Path, read_here: None, monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = jpeg_folder(home / "mine", count=20)
    for module in ("machine", "small_maps"):
        monkeypatch.setattr(f"engine.training.{module}.cached", lambda key, measure: {})
    losses = []
    for gigabytes, stores, words in (("1", 2, "are there"), ("0", 0, "decoded again in each epoch")):
        monkeypatch.setenv("DARKROOM_HOME", str(home / gigabytes))
        monkeypatch.setenv("DARKROOM_PICTURES_GB", gigabytes)
        run = trained("folder", folder, "--aug-name", "imagenet", "--image-size", "32")
        losses.append((Store.open().metrics.summary(run.id)["loss"], run.test_accuracy))
        assert len(kept_stores()) == stores and any(words in note for note in run.resolved["notes"])
    assert losses[0] == losses[1]


def test_a_run_with_unreadable_pictures_is_refused_if_asked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = sources.class_folder(home / "mine", count=15)
    (folder / "cats" / "bad.png").write_bytes(b"no picture")
    assert main(["train", "--dataset", "folder", "--data-path", str(folder), "--batch-size", "8"]) != 0
    [run] = Store.open().runs.list()
    assert run.status == "failed" and "1 of 46 pictures" in (run.error or "") and "cats/bad.png" in (run.error or "")
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.usefixtures("jobs_here")
def test_a_broken_annotation_refuses_before_anything_is_queued(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = voc(home / "mine", many())
    (root / "Annotations" / "p03.xml").write_text("<annotation>")
    arguments = ["train", "--dataset", "voc", "--data-path", str(root), "--detach"]
    assert main(arguments) == 2
    assert "1 of 20 pictures cannot be read (Annotations/p03.xml, line 1: not XML" in capsys.readouterr().err
    assert Store.open().runs.list() == []
    assert main([*arguments[:-1], "--unreadable", "skip", "--dry-run"]) == 0


def test_a_test_set_without_a_class_is_noted_and_not_a_crash(home: Path) -> None:
    sources.class_folder(home / "mine" / "train", count=15)
    sources.class_folder(home / "mine" / "test", count=3, classes=("cats", "emus"))
    run = trained("folder", home / "mine")
    assert any("no picture of dogs" in note for note in run.resolved["notes"]) and run.test_accuracy is not None


def test_a_fraction_with_equal_steps_takes_the_steps_of_the_whole(home: Path) -> None:
    place = sources.arrays(home / "mine", train=100, classes=2)
    run = trained("npy", place, "--train-fraction", "0.2", "--equal-steps", "yes")
    assert run.total_steps == run.step == 9 and run.resolved["train_pictures"] == 14


@pytest.mark.parametrize(("dataset", "make", "words"), [
    ("folder", lambda place: sources.class_folder(place, classes=("cats",)), "only cats has pictures"),
    ("npy", lambda place: sources.arrays(place, test_targets=np.full(20, 10)), "label 10 is beyond the 10 classes"),
    ("npy", lambda place: sources.arrays(place, train_targets=np.arange(40) % 10 - 1), "label -1 is out of range"),
    ("npy", lambda place: sources.arrays(place, train_targets=np.arange(30) % 10), "30 labels for the 40 pictures"),
    ("npy", lambda place: sources.arrays(place, train_images=np.zeros((40, 16, 16, 3))), "save both as uint8"),
])
def test_bad_data_is_one_line_before_anything_is_queued(
    dataset: str, make: Callable[[Path], Path], words: str, home: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    place = make(home / "mine")
    assert main(["train", "--dataset", dataset, "--data-path", str(place), "--detach"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and words in said.err
    assert Store.open().runs.list() == []


def test_relative_places_and_patterns_are_those_of_the_caller(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources.arrays(home / "mine", train=100)
    monkeypatch.chdir(home)
    run = trained("npy", Path("mine/*.npy"))
    assert run.config["data_path"] == str(home / "mine" / "*.npy")
    monkeypatch.chdir("/")
    assert len(load_dataset("npy", str(run.config["data_path"])).train_images) == 100
