"""The job ``look``: the same answer as the run's own test, for the data's pictures and for one that is brought."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data.loading import pictures
from engine.errors import UserError
from engine.evaluation.results import load_results
from engine.explain.classes import explain_pictures
from engine.store import Run, Store


def test_it_says_of_test_pictures_what_the_run_said(trained_run: Run) -> None:
    results = load_results(Store.open(), trained_run)
    answer = explain_pictures({"run": trained_run.id, "checkpoint": results.checkpoint, "ids": list(range(40)),
                               "split": "test"})
    assert json.loads(json.dumps(answer)) == answer
    assert answer["classes"] == [str(digit) for digit in range(10)]
    assert all(picture["shown"] == [1.0, 1.0] for picture in answer["pictures"])
    said = np.array([picture["probabilities"] for picture in answer["pictures"]])
    expected = np.exp(results.predictions.log_probabilities[:40])
    assert np.abs(said - expected).max() < 1e-4
    maps = np.array([picture["map"] for picture in answer["pictures"]])
    assert answer["method"].startswith("Grad-CAM at features.") and maps.shape == (40, 8, 8)
    assert maps.min() == 0 and maps.max() == 1


def test_a_test_picture_that_is_brought_gets_the_same_answer(trained_run: Run, tmp_path: Path) -> None:
    (picture,) = pictures("Digits", "", "test", [7])
    file = tmp_path / "seven.png"
    Image.fromarray(picture[..., 0]).save(file)
    brought = explain_pictures({"run": trained_run.id, "file": str(file)})
    own = explain_pictures({"run": trained_run.id, "ids": [7], "split": "test"})
    assert brought["pictures"] == own["pictures"]
    Image.fromarray(255 - picture[..., 0]).convert("RGB").save(file)
    inverted = explain_pictures({"run": trained_run.id, "file": str(file), "invert": True})
    plain = explain_pictures({"run": trained_run.id, "file": str(file)})
    assert inverted["pictures"] == own["pictures"] != plain["pictures"]


def test_another_class_can_be_explained(trained_run: Run) -> None:
    asked = {"run": trained_run.id, "ids": [0], "split": "test"}
    maps = {str(explain_pictures({**asked, "label": label})["pictures"][0]["map"]) for label in range(3)}
    assert len(maps) == 3


def test_what_is_not_there_is_one_line(trained_run: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no checkpoint of epoch 9"):
        explain_pictures({"run": trained_run.id, "checkpoint": "epoch-0009", "ids": [0], "split": "test"})
    with pytest.raises(UserError, match="No such file"):
        explain_pictures({"run": trained_run.id, "file": str(tmp_path / "nowhere.png")})
