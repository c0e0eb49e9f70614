"""What a detector finds in a picture that somebody brings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from engine.cli.main import DONE, main
from engine.config import parse_config
from engine.crash_log import USAGE
from engine.explain.boxes import find_boxes
from engine.launch import create_foreground
from engine.runner.jobs import try_picture
from engine.runner.main import train_run
from engine.store import Run, Store
from tests.engine.data.box_sources import many, voc


@pytest.fixture
def detector(home: Path) -> Run:
    """A detector of an epoch that shows boxes of almost any score."""
    config = parse_config({"dataset": "voc", "data_path": str(voc(home / "set", many())), "image_size": 64, "epochs": 1,
                           "score_threshold": 0.02})
    run = create_foreground(Store.open(), config)
    assert train_run(run.id) == 0
    return Store.open().runs.get(run.id)


def test_boxes_are_found_in_a_picture_of_any_size_or_a_line_says_why_not(
        detector: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("engine.launch.jobs.run_job", lambda name, request, **_options: find_boxes(request))
    picture = tmp_path / "brought.png"
    Image.new("RGB", (300, 200), "white").save(picture)
    assert main(["try", str(detector.id), str(picture), "--json"]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert (told["width"], told["height"]) == (300, 200) and told["boxes"]
    scores = [each["score"] for each in told["boxes"]]
    assert scores == sorted(scores, reverse=True) and min(scores) >= 0.02 and told["best_score"] == scores[0]
    assert all(0 <= x1 < x2 <= 300 and 0 <= y1 < y2 <= 200 for x1, y1, x2, y2 in (row["box"] for row in told["boxes"]))
    assert {each["class"] for each in told["boxes"]} <= {"cat", "dog"}

    assert main(["try", str(detector.id), str(picture)]) == DONE
    assert len(capsys.readouterr().out.splitlines()) == 1 + len(scores)
    assert main(["try", str(detector.id), __file__]) == USAGE
    assert f"{Path(__file__).name}: cannot be read as a picture" in capsys.readouterr().err
    assert main(["export", str(detector.id)]) == USAGE
    assert "models for detection cannot be exported" in capsys.readouterr().err


def test_a_picture_is_tried_as_the_task_of_its_run_does(trained_run: Run, tmp_path: Path) -> None:
    Image.new("L", (8, 8)).save(tmp_path / "black.png")
    answer = try_picture({"run": trained_run.id, "file": str(tmp_path / "black.png")})
    assert "boxes" not in answer
    assert len(answer["pictures"][0]["probabilities"]) == len(answer["classes"]) == 10
