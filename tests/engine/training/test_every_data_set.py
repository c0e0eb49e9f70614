"""A run of one epoch on each kind of data set, from the command line to its results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.data import gathering
from engine.data.cifar import CIFAR10, CIFAR100
from engine.store import Run, Store
from tests.engine.data import sources

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


def test_a_streamed_run_learns_exactly_what_one_from_memory_does(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = sources.class_folder(home / "mine", count=15)
    (folder / "cats" / "bad.png").write_bytes(b"no picture")
    runs = {}
    for name, budget in (("memory", gathering.MEMORY_BUDGET), ("streamed", 1000)):
        monkeypatch.setenv("DARKROOM_HOME", str(home / name))
        monkeypatch.setattr(gathering, "MEMORY_BUDGET", budget)
        runs[name] = trained("folder", folder, "--unreadable", "skip", "--aug-name", "weak")
    assert runs["memory"].dataset_fingerprint != runs["streamed"].dataset_fingerprint
    losses = [Store.open(home / name / "runs.db").metrics.summary(run.id)["loss"] for name, run in runs.items()]
    assert losses[0] == losses[1]
    assert runs["streamed"].resolved["skipped"] == ["cats/bad.png"]
    assert any("cats/bad.png" in note for note in runs["streamed"].resolved["notes"])


def test_a_run_with_unreadable_pictures_is_refused_if_asked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = sources.class_folder(home / "mine", count=15)
    (folder / "cats" / "bad.png").write_bytes(b"no picture")
    assert main(["train", "--dataset", "folder", "--data-path", str(folder), "--batch-size", "8"]) != 0
    [run] = Store.open().runs.list()
    assert run.status == "failed" and "1 of 46 pictures" in (run.error or "") and "cats/bad.png" in (run.error or "")
    assert "Traceback" not in capsys.readouterr().err


def test_a_test_set_without_a_class_is_noted_and_not_a_crash(home: Path) -> None:
    sources.class_folder(home / "mine" / "train", count=15)
    sources.class_folder(home / "mine" / "test", count=3, classes=("cats", "emus"))
    run = trained("folder", home / "mine")
    assert any("no picture of dogs" in note for note in run.resolved["notes"]) and run.test_accuracy is not None


def test_a_fraction_with_equal_steps_takes_the_steps_of_the_whole(home: Path) -> None:
    place = sources.arrays(home / "mine", train=100, classes=2)
    run = trained("npy", place, "--train-fraction", "0.2", "--equal-steps", "yes")
    assert run.total_steps == run.step == 9 and run.resolved["train_pictures"] == 14
