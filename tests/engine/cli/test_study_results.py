"""``study import`` and ``study table`` from a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.analysis.doctor import examine_study
from engine.cli.main import main
from engine.store import Store
from engine.study.outcomes import outcomes
from engine.study.versions import Studies
from tests import published

GAIN = ("--rows", "model,train_fraction", "--columns", "pretrained", "--at", "dataset=CIFAR10", "--delta",
        "pretrained=yes,no", "--fractions")


@pytest.fixture
def imported(home: Path) -> None:
    assert main(["study", "import", str(published.FOLDER / "pretraining-robustness.csv"), "--name", "pre"]) == 0


@pytest.mark.usefixtures("imported")
def test_a_table_for_people_and_for_papers(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["study", "table", "pre", *GAIN]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Top-1 error" and lines[2].split() == ["resnet50", "1.0", "0.104", "0.039", "−6.5"]
    assert main(["study", "table", "pre", *GAIN, "--format", "md"]) == 0
    assert "| resnet50 | 1.0 | 0.104 | 0.039 | −6.5 |" in capsys.readouterr().out
    assert main(["study", "table", "pre", *GAIN, "--format", "latex"]) == 0
    assert r"resnet50 & 1.0 & 0.104 & 0.039 & $-$6.5 \\" in capsys.readouterr().out


def test_importing_says_how_far_it_has_come(home: Path, capsys: pytest.CaptureFixture[str],
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.cli.study_results._PROGRESS_SECONDS", 0)
    monkeypatch.setattr("engine.imports.records._BATCH", 3)
    assert main(["study", "import", str(published.FOLDER / "npy-ten-class.csv"), "--name", "ten"]) == 0
    said = capsys.readouterr().err
    assert "stored 3 of 4 runs so far" in said and "stored 4 of 4 runs so far" in said


def test_importing_says_what_was_read(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["study", "import", str(published.FOLDER / "npy-ten-class.csv"), "--name", "ten"]
    assert main(words) == 0
    said = capsys.readouterr()
    assert said.out == "" and "read as F1 of means" in said.err and "4 results in study ten" in said.err
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == [1, 2, 3, 4]


@pytest.mark.usefixtures("imported")
def test_without_flags_the_declared_tables(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["study", "table", "pre", "--json"]) == 0
    (made,) = json.loads(capsys.readouterr().out)
    assert made["labels"] == ["Data set", "Model", "Pretrained", "Train fraction"] and len(made["rows"]) == 20
    assert made["rows"][0]["cells"][0]["value"] == pytest.approx(0.104) and made["rows"][0]["cells"][0]["n"] == 1


@pytest.mark.usefixtures("imported")
def test_written_to_a_file(tmp_path: Path) -> None:
    assert main(["study", "table", "pre", *GAIN, "--format", "csv", "--output", str(tmp_path / "gain.csv")]) == 0
    head, first, *_ = (tmp_path / "gain.csv").read_text().splitlines()
    assert head.split(",")[:3] == ["Model", "Train fraction", "Pretrained no"] and first.endswith(",-6.5")


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize(("words", "told"), [
    (["table", "pree"], "study: no study 'pree'; nearest: pre"),
    (["table", "pre", "--rows", "modle"], "'modle' is not a factor of the study"),
    (["table", "pre", "--at", "CIFAR10"], "at: 'CIFAR10' is not FACTOR=LEVEL"),
    (["table", "pre", "--delta", "pretrained=yes"], "delta: 'pretrained=yes' is not FACTOR=A,B"),
    (["table", "pre", "--format", "word"], "format: 'word' is not one of text, md, latex, csv, html"),
    (["import", "nothing.csv", "--name", "pre"], "import: nothing.csv does not exist"),
    (["import", str(published.FOLDER / "tiny-vgg.csv"), "--name", "pre"], "tiny-vgg.csv: line 2: no column has"),
])
def test_mistakes_take_one_line(capsys: pytest.CaptureFixture[str], words: list[str], told: str) -> None:
    capsys.readouterr()
    assert main(["study", *words]) == 2
    error = capsys.readouterr().err
    assert told in error and error.count("\n") == 1 and error.startswith("error: ")


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize("words", [["resume", "1", "--more", "5"], ["evaluate", "1"], ["export", "1"],
                                   ["ensemble", "1", "2"]])
def test_what_needs_a_checkpoint_or_predictions_says_that_there_are_none(capsys: pytest.CaptureFixture[str],
                                                                         words: list[str]) -> None:
    capsys.readouterr()
    assert main(words) == 2
    assert "without predictions and checkpoints" in capsys.readouterr().err


@pytest.mark.usefixtures("imported")
def test_show_tells_only_what_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["show", "1"]) == 0
    out = capsys.readouterr().out
    assert "pretraining-robustness.csv" in out and "resnet50" in out and "lr " not in out and "AdamW" not in out


def test_a_run_with_a_serious_finding_is_marked_until_it_is_acknowledged(
        home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "import", str(published.FOLDER / "mix-augmentation.csv"), "--name", "mix"]) == 0
    words = ["study", "table", "mix", "--rows", "augmentation", "--at", "dataset=TinyImagenet", "--at",
             "model=resnet50", "--at", "pretrained=yes"]
    capsys.readouterr()
    assert main(words) == 0
    marked = capsys.readouterr().out
    assert "14.25†" in marked and "66.58†" not in marked and "serious finding" in marked
    store = Store.open()
    broken = next(run for run in store.runs.list() if run.name == "Exp-13")
    for finding in examine_study(store, Studies(store).get("mix"), outcomes(store, Studies(store).get("mix"))):
        if finding.run == broken.id:
            store.acknowledged.put(broken.id, finding.rule, "it is what was published")
    assert main(words) == 0
    assert "14.25†" not in capsys.readouterr().out
