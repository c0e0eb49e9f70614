"""Studies from the terminal: made, listed, shown, checked, forgotten; a mistake is one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.store import Store
from engine.study.versions import Studies

FILE = """
name: small
factors: {augmentation: [default, weak], lr: [0.1, 0.01]}
settings: {dataset: Digits, optimizer: Adam, epochs: 2}
seeds: [0, 1]
"""


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["study", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_pattern_of_a_factor_that_is_not_there(
        home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "study.yaml").write_text(FILE + "leave_out: [{layers: weak}]\n")
    assert said(capsys, "run", str(tmp_path / "study.yaml"), "--dry-run") == (
        2, "", "error: leave_out: no factor 'layers'; nearest: lr\n")


def test_a_template_becomes_a_study_that_can_be_listed_shown_and_forgotten(
        home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "init", "mine", "--template", "train-fraction", "--scaled")[0] == 0
    code, out, _ = said(capsys, "list", "--json")
    listed = json.loads(out)
    assert code == 0 and [study["name"] for study in listed] == ["mine"] and sum(listed[0]["counts"].values()) > 0
    assert "factors:" in said(capsys, "show", "mine")[1]
    code, out, _ = said(capsys, "status", "mine", "--json")
    assert code == 0 and "missing" in out
    assert said(capsys, "delete", "mine")[0] == 0
    assert said(capsys, "show", "mine")[0] == 2


def test_a_file_is_written_to_be_edited_and_nothing_is_kept(home: Path, tmp_path: Path,
                                                            capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "edit.yaml"
    assert said(capsys, "init", "mine", "--file", str(path))[0] == 0
    assert path.read_text().count("#") > 5 and Studies(Store.open()).list() == []


@pytest.mark.parametrize(("change", "complaint"), [
    (("augmentation: [default, weak]", "colour: [red, green]"), "colour"),
    (("seeds: [0, 1]", "seeds: [0, 0]"), "seeds"),
    (("seeds: [0, 1]", "hypotheses: [{name: H1, kind: difference, between: {augmentation: [strong, weak]}}]"),
     "strong"),
    (("seeds: [0, 1]", "leave_out: [{augmentation: [default, weak]}]"), "cell"),
    (("epochs: 2", "epochs: many"), "epochs"),
])
def test_a_study_that_cannot_be_is_one_line_and_queues_nothing(
        home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str],
        complaint: str) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(FILE.replace(*change))
    code, out, err = said(capsys, "run", str(path))
    assert code == 2 and not out and len(err.splitlines()) == 1 and complaint in err, err
    assert Store.open().runs.list() == []


def test_the_linter_speaks_before_a_study_is_launched(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                      capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(FILE)
    monkeypatch.setattr("engine.cli.study.plan", lambda store, study: None)
    monkeypatch.setattr("engine.cli.study.print_plan", lambda found: None)
    monkeypatch.setattr("engine.study.launch.launch", lambda store, study: [])
    code, _, err = said(capsys, "run", str(path))
    assert code == 0 and "Adam at learning rate 0.1" in err, err
