"""``study ranking`` and ``study verify`` from a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.store import Store
from engine.study.study import Study
from engine.study.versions import Studies

STUDY = Study.model_validate({
    "name": "sealed", "factors": {"augmentation": ["default", "weak"]}, "settings": {"dataset": "Digits", "epochs": 1}})


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["study", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def eight_sets(path: Path) -> Path:
    """Three recipes on eight data sets, one run each; the third is always the last."""
    rows = [f"set{number},{model},{0.9 - number / 50 - loss / 20 - number * loss % 3 / 100:.3f}"
            for number in range(8) for loss, model in enumerate(("resnet18", "resnet34", "vgg11"))]
    path.write_text("\n".join(["dataset,model,top1", *rows]))
    return path


def test_a_ranking_for_people_and_for_programs(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "import", str(eight_sets(tmp_path / "sets.csv")), "--name", "sets"]) == 0
    code, out, err = said(capsys, "ranking", "sets")
    assert code == 0 and out.startswith("On these 8 sets only (dataset set0, ") and "is better than" in out
    assert "resnet18" in out.splitlines()[2] and "family of their own" in err and "across: names another" in err
    code, out, _ = said(capsys, "ranking", "sets", "--json")
    found = json.loads(out)
    assert code == 0 and [one["title"] for one in found["recipes"]][-1] == "vgg11"
    assert found["p"] < 0.04 and len(found["recipes"][0]["ranks"]) == 8
    assert found["sentences"][0].startswith("On these 8")
    assert "On these 8 sets only" in said(capsys, "verdicts", "sets")[1]
    assert said(capsys, "ranking", "sets", "--language", "ko")[1].startswith("이 8개 집합")


def test_without_sets_it_says_what_is_missing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Studies(Store.open()).save(STUDY)
    code, out, err = said(capsys, "ranking", "sealed")
    assert code == 0 and not out and "across: FACTOR" in err
    assert said(capsys, "ranking", "sealed", "--json")[1] == "null\n"


def test_a_factor_that_is_not_there_is_one_line(home: Path, tmp_path: Path,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.yaml").write_text("name: s\nacross: lrr\nfactors: {lr: [0.1, 0.01]}\n")
    assert said(capsys, "run", str(tmp_path / "s.yaml"), "--dry-run") == (
        2, "", "error: across: 'lrr' is not a factor of this study; nearest: lr\n")


def test_verify_names_every_change_and_its_exit_status_tells(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    studies = Studies(Store.open())
    studies.save(STUDY)
    code, out, _ = said(capsys, "verify", "sealed")
    assert (code, out) == (1, "not sealed: a study is sealed when it is first launched\n")
    studies.launched(STUDY)
    code, out, _ = said(capsys, "verify", "sealed")
    seal = studies.versions("sealed")[0].seal
    assert code == 0 and seal and seal.sha256 in out and out.endswith("nothing was changed since\n")
    studies.save(STUDY.model_copy(update={"margin": 0.02, "seeds": (0, 1, 2, 3, 4)}))
    code, out, _ = said(capsys, "verify", "sealed")
    first, second = out.splitlines()[1:]
    assert code == 1 and first.endswith("margin 0.0 → 0.02") and second.endswith("seeds 3, 4 added")
    assert first[:4].isdigit()
    code, out, _ = said(capsys, "verify", "sealed", "--json")
    found = json.loads(out)
    assert code == 1 and not found["intact"] and [each["change"] for each in found["changes"]] == [
        "margin 0.0 → 0.02", "seeds 3, 4 added"]
    assert said(capsys, "verify", "seald")[0] == 2
