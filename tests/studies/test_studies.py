"""The studies of ``docs/studies`` can be declared, and a tenth of them runs from nothing to its reports."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import yaml

from engine.store import Store
from engine.study.document import load_study
from tests.fake_runs import add_run
from tests.studies import __main__ as studies
from tests.studies import cifar10
from tests.studies.estimates import Timed, table, timed


def drawn(pictures: int) -> cifar10.Part:
    """Noise around a colour of each class, in CIFAR-10's layout."""
    random = np.random.default_rng(pictures)
    labels = np.arange(pictures) % 10
    colours = random.integers(40, 215, (10, 3))[labels].repeat(1024, 1)
    return (colours + random.integers(-40, 40, colours.shape)).astype(np.uint8), labels.tolist()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DARKROOM_HOME", str(tmp_path))
    cifar10.write(tmp_path / "data" / cifar10.FOLDER, [drawn(300)] * 5 + [drawn(200)])
    return tmp_path


def test_every_declaration_is_in_the_order_and_can_be_read(home: Path) -> None:
    assert {file.stem for file in studies.DECLARED.glob("*.yaml")} == set(studies.ORDER)
    (home / "studies" / "arrays").mkdir(parents=True)
    for name in studies.ORDER:
        text = (studies.DECLARED / f"{name}.yaml").read_text()
        (home / "studies" / f"{name}.yaml").write_text(text)
        assert load_study(home / "studies" / f"{name}.yaml").name == name


def test_a_quick_study_has_one_seed_and_one_epoch_everywhere() -> None:
    quick = studies.quickened(yaml.safe_load((studies.DECLARED / "overfitting.yaml").read_text()))
    assert quick["seeds"] == [0] and quick["settings"]["epochs"] == 1
    assert quick["factors"]["remedy"]["strong, longer"]["epochs"] == 1
    assert quick["settings"]["model"] == "resnet18"


def test_a_cut_takes_every_nth_picture_of_each_file(home: Path) -> None:
    cifar10.cut(home / "data" / cifar10.FOLDER, home / "cut", 10)
    whole, cut = cifar10.read(home / "data" / cifar10.FOLDER), cifar10.read(home / "cut")
    assert [len(labels) for _, labels in cut] == [30] * 5 + [20]
    assert np.array_equal(cut[5][0], whole[5][0][::10]) and cut[5][1] == whole[5][1][::10]


def test_the_runs_to_look_at_are_small_and_are_only_viewed(monkeypatch: pytest.MonkeyPatch) -> None:
    place = studies.DECLARED / "home"
    monkeypatch.setenv("DARKROOM_HOME", str(place))
    monkeypatch.setenv("DARKROOM_READ_ONLY", "1")
    before = (place / "runs.db").read_bytes()
    store = Store.open()
    assert "DARKROOM_READ_ONLY" in store.read_only
    runs = store.runs.list()
    assert runs and all(run.status == "finished" and run.test_accuracy for run in runs)
    assert len(store.metrics.curve(runs[0].id, "loss")[0]) > 20
    assert len(before) <= 5e6 and b"/root" not in before and (place / "runs.db").read_bytes() == before
    assert [file.name for file in place.iterdir()] == ["runs.db"]


def test_a_run_is_estimated_from_those_alone_that_ended_before_it_started(home: Path) -> None:
    store = Store.open()
    for number, seconds in enumerate((40.0, 80.0)):
        run = add_run(store, name=f"first_s{number}", dataset="Digits", model="tinyvgg_a", image_size=32)
        store.runs.update(run.id, started_at=100.0 * number, ended_at=100.0 * number + 90, trained_seconds=seconds)
    second, first = timed(store)
    assert first.expected is None and (first.study, second.study) == ("first", "first")
    assert second.expected is not None and second.taken == 80.0


def test_times_stand_in_a_row_a_study(home: Path) -> None:
    runs = [Timed("a", None, 30), Timed("a", 10, 20), Timed("a", 100, 50), Timed("b", None, 60)]
    assert list(table(runs))[1:] == ["| a | 3 | 2 | 1 min 50 s | 1 min 10 s | 1.25 | 0.50 | 2.00 |",
                                     "| b | 1 | 0 | – | – | – | – | – |",
                                     "| all | 4 | 2 | 1 min 50 s | 1 min 10 s | 1.25 | 0.50 | 2.00 |"]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_quick_studies_run_from_nothing_to_their_reports(home: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in studies.DECLARED.rglob("*")}
    names = ["npy-ten-class", "mix-augmentation", "tiny-vgg", "pretraining-fractions"]
    studies.main(["--quick", *names])
    for name in names:
        report = (home / "studies" / f"{name}.md").read_text()
        assert name in report and str(home) not in report
    assert {file: file.stat().st_mtime_ns for file in studies.DECLARED.rglob("*")} == before
    assert os.environ["DARKROOM_HOME"] == str(home)
