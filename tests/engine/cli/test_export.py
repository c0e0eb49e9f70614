"""``try`` and ``export`` from the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from engine.cli.main import DONE, main
from engine.crash_log import USAGE
from engine.data.loading import pictures
from engine.explain.classes import explain_pictures
from engine.store import Run


@pytest.fixture
def digit(tmp_path: Path) -> Path:
    (picture,) = pictures("Digits", "", "test", [3])
    file = tmp_path / "digit.png"
    Image.fromarray(picture[..., 0]).save(file)
    return file


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are done in this process."""
    monkeypatch.setattr("engine.launch.jobs.run_job", lambda name, request, **_options: explain_pictures(request))


@pytest.mark.usefixtures("here")
def test_try_tells_the_five_likeliest_classes(trained_run: Run, digit: Path,
                                              capsys: pytest.CaptureFixture[str]) -> None:
    expected = explain_pictures({"run": trained_run.id, "ids": [3], "split": "test"})["pictures"][0]["probabilities"]
    assert main(["try", str(trained_run.id), str(digit), "--json"]) == DONE
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    order = sorted(range(10), key=lambda label: -expected[label])[:5]
    assert told["top"] == [{"class": str(label), "probability": expected[label]} for label in order]
    assert len(told["map"]) == 8 and told["method"].startswith("Grad-CAM")
    assert main(["try", trained_run.name, str(digit)]) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6 and lines[1].split()[:2] == [str(order[0]), f"{100 * expected[order[0]]:.2f}"]


@pytest.mark.usefixtures("here")
def test_mistakes_are_one_line(trained_run: Run, digit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["try", "999", str(digit)], ["try", trained_run.name, "nowhere.png"],
                  ["try", trained_run.name, str(digit), "--checkpoint", "second"],
                  ["export", trained_run.name, "--format", "tflite"],
                  ["export", trained_run.name, "--checkpoint", "9"]):
        assert main(words) == USAGE
        told = capsys.readouterr()
        assert told.out == "" and told.err.startswith("error: ") and told.err.count("\n") == 1


def test_export_writes_where_it_says(trained_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "model.onnx"
    assert main(["export", trained_run.name, "--format", "onnx", "--output", str(file), "--json"]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert told["file"] == str(file) and told["bytes"] == file.stat().st_size and told["difference"] < 1e-4


@pytest.mark.slow
def test_both_work_in_processes_of_their_own(trained_run: Run, digit: Path) -> None:
    from tests.engine.cli.command import process_document

    assert len(process_document("try", trained_run.name, str(digit))["top"]) == 5
    done = process_document("export", trained_run.name)
    assert Path(done["file"]).parent == trained_run.folder / "exports"
    Path(done["file"]).unlink()
